namespace CoEdit.Crdt;

/// <summary>Reads what <see cref="IntDiffOptRleEncoder"/> wrote, as long as no value is negative. Holds positions only.</summary>
/// <param name="start">Offset of the column's first byte.</param>
/// <param name="end">Offset behind its last byte.</param>
internal struct IntDiffOptRleDecoder(int start, int end)
{
    private readonly int _end = end;
    private int _position = start;
    private ulong _left;
    private long _value;
    private long _difference;

    public ulong Read(ReadOnlySpan<byte> source)
    {
        if (_left == 0)
            ReadRun(source);
        _left--;
        _value += _difference;
        if ((ulong)_value > Lib0Reader.MaxSafeInteger)
            throw new MalformedUpdateException("A column of an update v2 leaves the range of its integers.");
        return (ulong)_value;
    }

    private void ReadRun(ReadOnlySpan<byte> source)
    {
        Lib0Reader reader = new(source[_position.._end]);
        long step = reader.ReadVarInt();
        _difference = step >> 1;
        _left = (step & 1) != 0 ? reader.ReadVarUInt() + 2 : 1;
        _position += reader.Position;
    }
}
