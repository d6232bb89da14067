using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>
/// Writes into the spans of an <see cref="IBufferWriter{T}"/> and talks to it once per block instead of once per integer: delete sets are
/// thousands of tiny integers. Nothing is handed over before <see cref="Flush"/>.
/// </summary>
/// <remarks>Without a target it writes into a rented array, which ends with <see cref="ToArrayAndReturn"/>.</remarks>
internal ref struct WireWriter
{
    private const int BlockSize = 1024;
    private const int LongestVarUInt = 10;

    private readonly IBufferWriter<byte>? _target;
    private byte[]? _rented;
    private Span<byte> _span;
    private int _used;

    public WireWriter(IBufferWriter<byte> target)
    {
        _target = target;
        _rented = null;
        _span = default;
        _used = 0;
    }

    /// <param name="expected">Bytes that will probably do.</param>
    public WireWriter(int expected)
    {
        _target = null;
        _rented = ArrayPool<byte>.Shared.Rent(expected);
        _span = _rented;
        _used = 0;
    }

    /// <summary>Makes room for so many bytes, which are then written behind the reference; <see cref="Advance"/> tells how many they were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte Reserve(int count)
    {
        if (_span.Length - _used < count)
            Refill(count);
        return ref Unsafe.Add(ref MemoryMarshal.GetReference(_span), _used);
    }

    /// <summary>Takes over what was written behind the reserved start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(ref byte end) => _used = (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(_span), ref end);

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

    /// <summary>Writes <c>str</c>: UTF-8 with its byte length. An unpaired surrogate becomes U+FFFD.</summary>
    public void PutVarString(scoped ReadOnlySpan<char> text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        PutVarUInt((ulong)length);
        if (_span.Length - _used < length)
            Refill(length);
        _used += Encoding.UTF8.GetBytes(text, _span[_used..]);
    }

    public void Flush()
    {
        if (_used > 0)
            _target!.Advance(_used);
        _span = default;
        _used = 0;
    }

    /// <summary>What was written without a target, as an array of its own. The writer is done with.</summary>
    public byte[] ToArrayAndReturn()
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(_used);
        _span[.._used].CopyTo(result);
        ArrayPool<byte>.Shared.Return(_rented!);
        this = default;
        return result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refill(int atLeast)
    {
        if (_rented is not null)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max((long)_used + atLeast, 2L * _used), Array.MaxLength));
            _span[.._used].CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_rented);
            _span = _rented = larger;
            return;
        }

        Flush();
        _span = _target!.GetSpan(Math.Max(atLeast, BlockSize));
    }
}
