using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace CoEdit.Crdt;

/// <summary>Reads lib0 primitives (variable-length integers, strings, byte arrays) from a span without copying or allocating.</summary>
/// <remarks>
/// Every <c>Read…</c> throws <see cref="MalformedUpdateException"/> on bytes that break the format and never reads past the end. A length
/// is compared with what remains before anything uses it. Integers are limited to 53 bits, as in JavaScript; non-minimal forms
/// (<c>80 00</c>) are legal because Yjs accepts them.
/// </remarks>
public ref struct Lib0Reader
{
    /// <summary>The largest integer lib0 can carry: 2^53 - 1.</summary>
    public const ulong MaxSafeInteger = (1UL << 53) - 1;

    private readonly ReadOnlySpan<byte> _buffer;
    private int _position;

    /// <summary>Starts reading at the first byte of <paramref name="buffer"/>.</summary>
    public Lib0Reader(ReadOnlySpan<byte> buffer)
    {
        _buffer = buffer;
        _position = 0;
    }

    /// <summary>Offset of the next byte, from the start of the buffer.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _buffer.Length - _position;

    /// <summary>True when every byte has been read.</summary>
    public readonly bool IsAtEnd => _position >= _buffer.Length;

    /// <summary>The bytes from <paramref name="start"/> up to the current position.</summary>
    public readonly ReadOnlySpan<byte> ReadSince(int start) => _buffer[start.._position];

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if ((uint)_position >= (uint)_buffer.Length)
            ThrowEnd();
        return _buffer[_position++];
    }

    /// <summary>The next byte, which stays unread.</summary>
    public readonly byte PeekByte()
    {
        if ((uint)_position >= (uint)_buffer.Length)
            ThrowEnd();
        return _buffer[_position];
    }

    /// <summary>Reads <c>u(n)</c>: base 128, low digits first, 53 bits at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarUInt()
    {
        if ((uint)_position < (uint)_buffer.Length)
        {
            byte first = _buffer[_position];
            if (first < 0x80)
            {
                _position++;
                return first;
            }
        }

        return ReadVarUIntSlow();
    }

    /// <summary>Reads <c>u(n)</c> that has to fit into 31 bits: clocks and lengths of structs.</summary>
    /// <exception cref="MalformedUpdateException">The number is above 2^31 - 1, the largest clock CoEdit accepts.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadVarUInt31()
    {
        if ((uint)_position < (uint)_buffer.Length)
        {
            byte first = _buffer[_position];
            if (first < 0x80)
            {
                _position++;
                return first;
            }
        }

        return ReadVarUInt31Slow();
    }

    /// <summary>
    /// The bytes of the next <c>u(n)</c> as one word, if it has eight at most and eight are left to read. Equal words are equal numbers, so
    /// numbers that come again and again need not be decoded.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool TryPeekVarUIntBytes(out ulong word, out int length)
    {
        const ulong continuations = 0x8080808080808080;
        if (_buffer.Length - _position >= sizeof(ulong))
        {
            word = BinaryPrimitives.ReadUInt64LittleEndian(_buffer[_position..]);
            ulong ends = ~word & continuations;
            if (ends != 0)
            {
                word &= ends ^ (ends - 1);
                length = (BitOperations.TrailingZeroCount(ends) >> 3) + 1;
                return true;
            }
        }

        word = 0;
        length = 0;
        return false;
    }

    /// <summary>Reads <c>i(n)</c>: a sign bit in the first byte, then base 128. Negative zero reads as 0.</summary>
    public long ReadVarInt() => ReadVarInt(out _);

    /// <summary>Reads <c>i(n)</c> and tells whether the sign bit was set, which distinguishes negative zero.</summary>
    public long ReadVarInt(out bool negative)
    {
        byte next = ReadByte();
        negative = (next & 0x40) != 0;
        ulong value = (ulong)(next & 0x3F);
        int shift = 6;
        while ((next & 0x80) != 0)
        {
            next = ReadByte();
            ulong digits = (ulong)(next & 0x7F);
            if (shift > 53 ? digits != 0 : (digits << shift) > MaxSafeInteger)
                ThrowTooLarge();
            if (shift <= 53)
                value += digits << shift;
            if (value > MaxSafeInteger)
                ThrowTooLarge();
            shift += 7;
            if (shift > 70)
                ThrowTooLarge();
        }

        return negative ? -(long)value : (long)value;
    }

    /// <summary>Reads <c>buf</c>: a length and that many bytes, as a slice of the input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadVarBytes()
    {
        ulong length = ReadVarUInt();
        if (length > (ulong)Remaining)
            ThrowEnd();
        ReadOnlySpan<byte> slice = _buffer.Slice(_position, (int)length);
        _position += (int)length;
        return slice;
    }

    /// <summary>Reads <c>str</c> as its UTF-8 bytes, checked to be well formed (no overlong forms, no encoded surrogates).</summary>
    public ReadOnlySpan<byte> ReadVarString()
    {
        ReadOnlySpan<byte> bytes = ReadVarBytes();
        if (!Utf8.IsValid(bytes))
            ThrowUtf8();
        return bytes;
    }

    /// <summary>Skips <paramref name="count"/> bytes.</summary>
    public void Skip(int count)
    {
        if ((uint)count > (uint)Remaining)
            ThrowEnd();
        _position += count;
    }

    /// <summary>Reads a big-endian 64-bit integer.</summary>
    public long ReadInt64()
    {
        if (Remaining < 8)
            ThrowEnd();
        long value = BinaryPrimitives.ReadInt64BigEndian(_buffer.Slice(_position, 8));
        _position += 8;
        return value;
    }

    // Clocks of a long document take two to four bytes. They are read in one go: find the first byte without the continuation bit,
    // mask what lies behind it, and close the gaps between the groups of seven bits.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint ReadVarUInt31Slow()
    {
        if (_buffer.Length - _position >= sizeof(uint))
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(_buffer[_position..]);
            uint ends = ~word & 0x80808080;
            if (ends != 0)
            {
                word &= ends ^ (ends - 1);
                _position += (BitOperations.TrailingZeroCount(ends) >> 3) + 1;
                return (word & 0x7F) | ((word >> 1) & 0x3F80) | ((word >> 2) & 0x1FC000) | ((word >> 3) & 0xFE00000);
            }
        }

        ulong value = ReadVarUIntSlow();
        if (value > int.MaxValue)
            ThrowTooLarge();
        return (uint)value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ReadVarUIntSlow()
    {
        ulong value = 0;
        int shift = 0;
        while (true)
        {
            byte next = ReadByte();
            ulong digits = (ulong)(next & 0x7F);
            if (shift >= 53 ? digits != 0 : BitOperations.Log2(digits | 1) + shift >= 53)
                ThrowTooLarge();
            if (shift < 53)
                value |= digits << shift;
            if (next < 0x80)
                return value;
            shift += 7;
            if (shift > 70)
                ThrowTooLarge();
        }
    }

    [DoesNotReturn]
    private static void ThrowEnd() => throw new MalformedUpdateException("The data ends in the middle of a value.");

    [DoesNotReturn]
    private static void ThrowTooLarge() => throw new MalformedUpdateException("An integer is larger than the format allows.");

    [DoesNotReturn]
    private static void ThrowUtf8() => throw new MalformedUpdateException("A string is not valid UTF-8.");
}
