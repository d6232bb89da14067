namespace CoEdit.Crdt;

/// <summary>Reads what <see cref="UintOptRleEncoder"/> wrote. Holds positions only; the bytes come with each call.</summary>
/// <param name="start">Offset of the column's first byte.</param>
/// <param name="end">Offset behind its last byte.</param>
internal struct UintOptRleDecoder(int start, int end)
{
    private readonly int _end = end;
    private int _position = start;
    private ulong _left;
    private ulong _value;

    public ulong Read(ReadOnlySpan<byte> source)
    {
        if (_left == 0)
            ReadRun(source);
        _left--;
        return _value;
    }

    private void ReadRun(ReadOnlySpan<byte> source)
    {
        Lib0Reader reader = new(source[_position.._end]);
        long value = reader.ReadVarInt(out bool isRun);
        _value = (ulong)Math.Abs(value);
        _left = isRun ? reader.ReadVarUInt() + 2 : 1;
        _position += reader.Position;
    }
}
