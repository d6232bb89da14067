using System.Text;

namespace CoEdit.Crdt;

/// <summary>Finds UTF-16 positions in well-formed UTF-8.</summary>
internal static class Utf16Walk
{
    /// <summary>UTF-8 bytes of a character that takes two UTF-16 units.</summary>
    public const int PairBytes = 4;

    /// <summary>The offset of the character that holds unit <paramref name="unit"/>.</summary>
    /// <param name="utf8">Text of at least that many units.</param>
    /// <param name="unit">Index of a UTF-16 unit, or the number of units.</param>
    /// <param name="inside">True when the unit is the second half of a pair.</param>
    public static int OffsetOf(ReadOnlySpan<byte> utf8, int unit, out bool inside)
    {
        inside = false;
        if (Ascii.IsValid(utf8[..Math.Min(unit, utf8.Length)]))
            return unit;
        int offset = 0;
        while (unit > 0)
        {
            byte lead = utf8[offset];
            int bytes = CharacterBytes(lead);
            if (bytes == PairBytes)
            {
                if (unit == 1)
                {
                    inside = true;
                    return offset;
                }

                unit--;
            }

            unit--;
            offset += bytes;
        }

        return offset;
    }

    /// <summary>Bytes of the character that starts with <paramref name="lead"/>.</summary>
    public static int CharacterBytes(byte lead) => lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : PairBytes;

    /// <summary>First unit of the four-byte character at the start.</summary>
    public static char HighSurrogateAt(ReadOnlySpan<byte> utf8) => (char)(0xD7C0 + (ScalarAt(utf8) >> 10));

    /// <summary>Second unit of the four-byte character at the start.</summary>
    public static char LowSurrogateAt(ReadOnlySpan<byte> utf8) => (char)(0xDC00 + (ScalarAt(utf8) & 0x3FF));

    private static int ScalarAt(ReadOnlySpan<byte> utf8) =>
        ((utf8[0] & 7) << 18) | ((utf8[1] & 0x3F) << 12) | ((utf8[2] & 0x3F) << 6) | (utf8[3] & 0x3F);
}
