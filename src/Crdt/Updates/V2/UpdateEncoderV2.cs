using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Writes updates v2: every field goes to a column of its own.</summary>
/// <remarks>See <see cref="UpdateColumns"/> for the layout. A section's client is written before its structs, with <see cref="WriteClient"/>.</remarks>
internal sealed class UpdateEncoderV2 : UpdateEncoder
{
    private readonly IntDiffOptRleEncoder _keyClocks = new();
    private readonly UintOptRleEncoder _clients = new();
    private readonly IntDiffOptRleEncoder _leftClocks = new();
    private readonly IntDiffOptRleEncoder _rightClocks = new();
    private readonly RleEncoder _infos = new();
    private readonly StringColumnEncoder _strings = new();
    private readonly RleEncoder _parentInfos = new();
    private readonly UintOptRleEncoder _typeRefs = new();
    private readonly UintOptRleEncoder _lengths = new();
    private long _nextKey;

    public override void WriteClient(ulong client) => _clients.Write(client);

    public override void WriteInfo(byte info) => _infos.Write(info);

    public override void WriteLeftId(ulong client, uint clock)
    {
        _clients.Write(client);
        _leftClocks.Write(clock);
    }

    public override void WriteRightId(ulong client, uint clock)
    {
        _clients.Write(client);
        _rightClocks.Write(clock);
    }

    public override void WriteParentInfo(bool isRoot) => _parentInfos.Write(isRoot ? (byte)1 : (byte)0);

    public override void WriteString(WireText text, int units) => _strings.Write(text, units);

    public override void WriteString(ReadOnlySpan<char> text) => _strings.Write(text);

    // Yjs never refers back to a key that it has written before, and older readers could not follow: a new number and the string, always.
    public override void WriteKey(WireText text)
    {
        _keyClocks.Write(_nextKey++);
        _strings.Write(text, text.CountUnits());
    }

    public override void WriteTypeRef(byte typeRef) => _typeRefs.Write(typeRef);

    public override void WriteLength(uint length) => _lengths.Write(length);

    public override void WriteJsonText(ReadOnlySpan<byte> json) => Values.JsonToAny(json, Rest);

    public override void WriteJsonAny(ReadOnlySpan<byte> any)
    {
        Lib0Reader reader = new(any);
        Values.CopyAny(ref reader, Rest);
    }

    public override void FinishColumns(IBufferWriter<byte> target)
    {
        target.WriteVarUInt(0);
        _keyClocks.FinishTo(target);
        _clients.FinishTo(target);
        _leftClocks.FinishTo(target);
        _rightClocks.FinishTo(target);
        _infos.WriteTo(target);
        _strings.FinishTo(target);
        _parentInfos.WriteTo(target);
        _typeRefs.FinishTo(target);
        _lengths.FinishTo(target);
    }

    public override void Clear()
    {
        base.Clear();
        _keyClocks.Clear();
        _clients.Clear();
        _leftClocks.Clear();
        _rightClocks.Clear();
        _infos.Clear();
        _strings.Clear();
        _parentInfos.Clear();
        _typeRefs.Clear();
        _lengths.Clear();
        _nextKey = 0;
    }
}
