using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>Reads the fields of an update v1, where everything follows in one stream.</summary>
internal ref struct UpdateDecoderV1 : IUpdateDecoder
{
    private const ulong MaxTypeRef = 6;

    private Lib0Reader _rest;

    /// <summary>Reads on at <paramref name="position"/>.</summary>
    public UpdateDecoderV1(ReadOnlySpan<byte> update, int position)
    {
        _rest = new Lib0Reader(update);
        _rest.Skip(position);
    }

    [UnscopedRef]
    public ref Lib0Reader Rest => ref _rest;

    public ulong ReadClient() => _rest.ReadVarUInt();

    public byte ReadInfo() => _rest.ReadByte();

    public void ReadLeftId(out ulong client, out uint clock)
    {
        client = _rest.ReadVarUInt();
        clock = _rest.ReadVarUInt31();
    }

    public void ReadRightId(out ulong client, out uint clock) => ReadLeftId(out client, out clock);

    public bool ReadParentInfo() => _rest.ReadVarUInt() == 1;

    public TextRef ReadString(out int units)
    {
        ReadOnlySpan<byte> text = _rest.ReadVarBytes();
        units = StructReader.ReadTextLength(text);
        return new TextRef(_rest.Position - text.Length, text.Length);
    }

    public TextRef ReadKey() => ReadString(out _);

    public byte ReadTypeRef()
    {
        ulong typeRef = _rest.ReadVarUInt();
        if (typeRef > MaxTypeRef)
            throw new MalformedUpdateException("A shared type has an unknown kind.");
        return (byte)typeRef;
    }

    public uint ReadLength() => _rest.ReadVarUInt31();

    public void ReadJsonElements(uint count, ref StructFields fields)
    {
        if (count > (uint)_rest.Remaining)
            throw new MalformedUpdateException("A struct announces more values than its bytes can hold.");
        fields.JsonInColumn = false;
        fields.ValueStart = _rest.Position;
        for (uint i = 0; i < count; i++)
            JsonText.ReadElement(ref _rest);
        fields.ValueEnd = _rest.Position;
    }

    public void ReadJson(ref StructFields fields)
    {
        Lib0Reader ahead = _rest;
        int length = ahead.ReadVarBytes().Length;
        JsonText.Read(ref _rest);
        fields.ValueEnd = _rest.Position;
        fields.ValueStart = fields.ValueEnd - length;
        fields.ValueIsJson = true;
    }
}
