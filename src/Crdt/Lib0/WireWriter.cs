using System.Buffers;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>
/// Writes into the spans of an <see cref="IBufferWriter{T}"/> and talks to it once per block instead of once per integer: delete sets are
/// thousands of tiny integers. Nothing is handed over before <see cref="Flush"/>.
/// </summary>
internal ref struct WireWriter
{
    private const int BlockSize = 1024;
    private const int LongestVarUInt = 10;

    private readonly IBufferWriter<byte> _target;
    private Span<byte> _span;
    private int _used;

    public WireWriter(IBufferWriter<byte> target)
    {
        _target = target;
        _span = default;
        _used = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PutVarUInt(ulong value)
    {
        if (_span.Length - _used < LongestVarUInt)
            Refill(LongestVarUInt);
        if (value < 0x80)
            _span[_used++] = (byte)value;
        else
            _used += Lib0Writer.PutVarUInt(_span[_used..], value);
    }

    public void PutByte(byte value)
    {
        if (_span.Length - _used < 1)
            Refill(1);
        _span[_used++] = value;
    }

    public void PutBytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (_span.Length - _used < bytes.Length)
            Refill(bytes.Length);
        bytes.CopyTo(_span[_used..]);
        _used += bytes.Length;
    }

    public void Flush()
    {
        if (_used > 0)
            _target.Advance(_used);
        _span = default;
        _used = 0;
    }

    private void Refill(int atLeast)
    {
        Flush();
        _span = _target.GetSpan(Math.Max(atLeast, BlockSize));
    }
}
