using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Writes updates v1.</summary>
internal sealed class UpdateEncoderV1 : UpdateEncoder
{
    public override void WriteClient(ulong client) => Rest.WriteVarUInt(client);

    public override void WriteInfo(byte info) => Rest.WriteByte(info);

    public override void WriteLeftId(ulong client, uint clock)
    {
        Rest.WriteVarUInt(client);
        Rest.WriteVarUInt(clock);
    }

    public override void WriteRightId(ulong client, uint clock) => WriteLeftId(client, clock);

    public override void WriteParentInfo(bool isRoot) => Rest.WriteByte(isRoot ? (byte)1 : (byte)0);

    public override void WriteString(WireText text, int units) => text.WriteTo(Rest);

    public override void WriteString(ReadOnlySpan<char> text) => Rest.WriteVarString(text);

    public override void WriteKey(WireText text) => text.WriteTo(Rest);

    public override void WriteTypeRef(byte typeRef) => Rest.WriteVarUInt(typeRef);

    public override void WriteLength(uint length) => Rest.WriteVarUInt(length);

    public override void WriteJsonText(ReadOnlySpan<byte> json) => Rest.WriteVarBytes(Values.NormalizeJson(json));

    public override void WriteJsonAny(ReadOnlySpan<byte> any) => Rest.WriteVarBytes(Values.AnyToJson(any));

    public override void FinishColumns(IBufferWriter<byte> target)
    {
    }
}
