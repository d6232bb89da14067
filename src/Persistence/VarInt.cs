namespace CoEdit.Persistence;

/// <summary>Unsigned integers, seven bits a byte, lowest first; the top bit says that more follow.</summary>
internal static class VarInt
{
    public static int Size(ulong value) => value == 0 ? 1 : (63 - System.Numerics.BitOperations.LeadingZeroCount(value)) / 7 + 1;

    /// <summary>Writes the value and returns the position behind it.</summary>
    public static int Write(Span<byte> target, int position, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            target[position++] = (byte)(value | 0x80);
        target[position++] = (byte)value;
        return position;
    }

    /// <summary>Reads a value at the position and moves it behind; false if the bytes end within it or it exceeds 64 bits.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && position < source.Length; shift += 7)
        {
            var b = source[position++];
            if (shift == 63 && b > 1)
                return false;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }

        return false;
    }
}
