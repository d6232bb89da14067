using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Writes lib0 primitives to an <see cref="IBufferWriter{T}"/>.</summary>
/// <remarks>
/// Every call advances the writer by exactly what it wrote, so calls can be mixed with direct use of the writer.
/// Integers are written in their shortest form.
/// </remarks>
public static class Lib0Writer
{
    /// <summary>How many bytes <see cref="WriteVarUInt"/> needs for <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int VarUIntLength(ulong value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>Writes one byte.</summary>
    public static void WriteByte<TWriter>(this TWriter writer, byte value)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    /// <summary>Writes <c>u(n)</c>: base 128, low digits first.</summary>
    public static void WriteVarUInt<TWriter>(this TWriter writer, ulong value)
        where TWriter : IBufferWriter<byte>, allows ref struct =>
        writer.Advance(PutVarUInt(writer.GetSpan(10), value));

    /// <summary>Writes <c>i(n)</c>: sign and 6 bits in the first byte, then base 128.</summary>
    public static void WriteVarInt<TWriter>(this TWriter writer, long value, bool negativeZero = false)
        where TWriter : IBufferWriter<byte>, allows ref struct =>
        writer.Advance(PutVarInt(writer.GetSpan(11), value, negativeZero));

    /// <summary>Writes <c>i(n)</c> into <paramref name="target"/> and returns how many bytes it took (11 at most).</summary>
    internal static int PutVarInt(Span<byte> target, long value, bool negativeZero)
    {
        bool negative = value < 0 || (value == 0 && negativeZero);
        ulong magnitude = value < 0 ? (ulong)(-value) : (ulong)value;
        int written = 0;
        target[written++] = (byte)((magnitude > 0x3F ? 0x80 : 0) | (negative ? 0x40 : 0) | (int)(magnitude & 0x3F));
        magnitude >>= 6;
        while (magnitude > 0)
        {
            target[written++] = (byte)((magnitude > 0x7F ? 0x80 : 0) | (int)(magnitude & 0x7F));
            magnitude >>= 7;
        }

        return written;
    }

    /// <summary>Writes <c>buf</c>: the length and the bytes. Used for <c>str</c> too when the text is UTF-8 already.</summary>
    public static void WriteVarBytes<TWriter>(this TWriter writer, ReadOnlySpan<byte> bytes)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        writer.WriteVarUInt((ulong)bytes.Length);
        writer.WriteRaw(bytes);
    }

    /// <summary>Writes <c>str</c>: UTF-8 with its byte length. An unpaired surrogate becomes U+FFFD.</summary>
    public static void WriteVarString<TWriter>(this TWriter writer, ReadOnlySpan<char> text)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        int length = Encoding.UTF8.GetByteCount(text);
        writer.WriteVarUInt((ulong)length);
        if (length > 0)
            writer.Advance(Encoding.UTF8.GetBytes(text, writer.GetSpan(length)));
    }

    /// <summary>Copies bytes without a length.</summary>
    public static void WriteRaw<TWriter>(this TWriter writer, ReadOnlySpan<byte> bytes)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        if (bytes.IsEmpty)
            return;
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    /// <summary>Writes <c>u(n)</c> into <paramref name="target"/> and returns how many bytes it took (10 at most).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutVarUInt(Span<byte> target, ulong value)
    {
        int written = 0;
        while (value > 0x7F)
        {
            target[written++] = (byte)(0x80 | (value & 0x7F));
            value >>= 7;
        }

        target[written++] = (byte)value;
        return written;
    }
}
