using System.Text;

namespace CoEdit.Crdt;

/// <summary>UTF-8 that may hold lone surrogates, three bytes each: any JavaScript string as bytes.</summary>
/// <remarks>Two halves that follow each other are always one character of four bytes here, so equal strings are equal bytes.</remarks>
internal static class Wtf8
{
    /// <summary>First byte of an encoded surrogate, and of some Hangul.</summary>
    public const byte SurrogateLead = 0xED;

    private const byte FirstOfSurrogates = 0xA0;
    private const int SurrogateBytes = 3;

    /// <summary>True when the character at the start (led by <see cref="SurrogateLead"/>) is a surrogate.</summary>
    public static bool IsSurrogateAt(ReadOnlySpan<byte> text) => text[1] >= FirstOfSurrogates;

    public static char SurrogateAt(ReadOnlySpan<byte> text) => (char)(0xD000 | ((text[1] & 0x3F) << 6) | (text[2] & 0x3F));

    public static void Append(char unit, ByteBuffer target)
    {
        if (!char.IsSurrogate(unit))
        {
            target.Advance(new Rune(unit).EncodeToUtf8(target.GetSpan(SurrogateBytes)));
            return;
        }

        Span<byte> bytes = target.GetSpan(SurrogateBytes);
        bytes[0] = SurrogateLead;
        bytes[1] = (byte)(0x80 | ((unit >> 6) & 0x3F));
        bytes[2] = (byte)(0x80 | (unit & 0x3F));
        target.Advance(SurrogateBytes);
    }

    /// <summary>Writes <c>str</c>, in which lone surrogates become U+FFFD.</summary>
    public static void WriteString(ReadOnlySpan<byte> wtf8, ByteBuffer target)
    {
        target.WriteVarUInt((ulong)wtf8.Length);
        while (true)
        {
            int lead = wtf8.IndexOf(SurrogateLead);
            if (lead < 0)
                break;
            target.Append(wtf8[..lead]);
            wtf8 = wtf8[lead..];
            target.Append(IsSurrogateAt(wtf8) ? WireText.Replacement : wtf8[..SurrogateBytes]);
            wtf8 = wtf8[SurrogateBytes..];
        }

        target.Append(wtf8);
    }
}
