using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>An <see cref="IBufferWriter{T}"/> over an array whose size was measured beforehand: one allocation, no growth.</summary>
internal sealed class FixedWriter(byte[] bytes) : IBufferWriter<byte>
{
    public int Position { get; private set; }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(bytes.Length - Position), nameof(count));
        Position += count;
    }

    // The hint is a wish here: writers of the last few bytes ask for a whole block.
    public Span<byte> GetSpan(int sizeHint = 0) => bytes.AsSpan(Position);

    public Memory<byte> GetMemory(int sizeHint = 0) => bytes.AsMemory(Position);
}
