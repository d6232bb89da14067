using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary><c>u(n)</c> written by whole words, without looking at the room there is: the caller has reserved it, 8 bytes per integer.</summary>
internal static class PackedVarUInt
{
    private const ulong Digit = 0x7F;

    /// <summary>Base 128 of at most 56 bits, lowest digit in the lowest byte, with the marks of a continuation.</summary>
    public static ulong Pack(ulong value)
    {
        ulong packed = 0;
        int shift = 0;
        for (; value > Digit; value >>= 7, shift += 8)
            packed |= ((value & Digit) | 0x80) << shift;
        return packed | (value << shift);
    }

    /// <summary>Writes an integer and returns where the next byte goes. Up to 8 bytes are overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Put(ref byte at, uint value)
    {
        if (value <= Digit)
        {
            at = (byte)value;
            return ref Unsafe.Add(ref at, 1);
        }

        if (value < 1u << 14)
        {
            ushort two = (ushort)((value & 0x7F) | 0x80 | (value >> 7 << 8));
            Unsafe.WriteUnaligned(ref at, BitConverter.IsLittleEndian ? two : BinaryPrimitives.ReverseEndianness(two));
            return ref Unsafe.Add(ref at, 2);
        }

        if (value < 1u << 21)
        {
            uint three = (value & 0x7F) | ((value << 1) & 0x7F00) | 0x8080 | (value >> 14 << 16);
            Unsafe.WriteUnaligned(ref at, BitConverter.IsLittleEndian ? three : BinaryPrimitives.ReverseEndianness(three));
            return ref Unsafe.Add(ref at, 3);
        }

        return ref PutPacked(ref at, Pack(value), value < 1u << 28 ? 4 : 5);
    }

    /// <summary>Writes what <see cref="Pack"/> has made of an integer, and returns where the next byte goes. 8 bytes are overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte PutPacked(ref byte at, ulong packed, int length)
    {
        Unsafe.WriteUnaligned(ref at, BitConverter.IsLittleEndian ? packed : BinaryPrimitives.ReverseEndianness(packed));
        return ref Unsafe.Add(ref at, length);
    }
}
