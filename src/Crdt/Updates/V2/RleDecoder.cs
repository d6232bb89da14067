namespace CoEdit.Crdt;

/// <summary>Reads what <see cref="RleEncoder"/> wrote. Holds positions only; the bytes come with each call.</summary>
/// <param name="start">Offset of the column's first byte.</param>
/// <param name="end">Offset behind its last byte.</param>
internal struct RleDecoder(int start, int end)
{
    private readonly int _end = end;
    private int _position = start;
    private ulong _left;
    private byte _value;

    public byte Read(ReadOnlySpan<byte> source)
    {
        if (_left == 0)
            ReadRun(source);
        _left--;
        return _value;
    }

    private void ReadRun(ReadOnlySpan<byte> source)
    {
        Lib0Reader reader = new(source[_position.._end]);
        _value = reader.ReadByte();

        // The count of the last run is not written: it goes on for ever.
        _left = reader.IsAtEnd ? ulong.MaxValue : reader.ReadVarUInt() + 1;
        _position += reader.Position;
    }
}
