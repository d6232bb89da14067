using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>An <see cref="ArrayBufferWriter{T}"/> that is reused, and gives back what one large use left behind.</summary>
internal sealed class ByteBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = [];
    private int _used;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _used);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _used);

    public int Length => _used;

    /// <summary>Empties the buffer and gives up an array that one large use has left behind.</summary>
    public void Clear(int keepAtMost = 1 << 16)
    {
        _used = 0;
        if (_bytes.Length > keepAtMost)
            _bytes = [];
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _used), nameof(count));
        _used += count;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(_used);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_used);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_used));
        _used += bytes.Length;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _used < count)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max((long)_used + count, Math.Max(256, 2L * _bytes.Length)), Array.MaxLength));
    }
}
