namespace CoEdit.Crdt;

/// <summary>Structs of one client that wait: for the clocks in front of them, or for something they refer to.</summary>
internal sealed class ParkedRun(byte[] bytes, uint start, uint end, int count)
{
    public byte[] Bytes { get; } = bytes;

    /// <summary>Offset of the first struct that has not been applied.</summary>
    public int Offset { get; set; }

    /// <summary>Clock of that struct.</summary>
    public uint Start { get; set; } = start;

    public uint End { get; } = end;

    /// <summary>Structs left.</summary>
    public int Count { get; set; } = count;

    public int Length => Bytes.Length - Offset;
}
