using System.Text;

namespace CoEdit.Crdt;

/// <summary>A string of an update: well-formed UTF-8, and half a surrogate pair at either end.</summary>
/// <remarks>
/// Yjs counts and cuts strings in UTF-16 units, so a cut can go through a pair. The halves are kept because the string column of the
/// v2 format joins them again when the two strings stay neighbours; everywhere else each half becomes U+FFFD.
/// </remarks>
internal readonly ref struct WireText
{
    private const char ReplacementCharacter = '\uFFFD';

    /// <summary>A string that is nothing but UTF-8.</summary>
    public WireText(ReadOnlySpan<byte> utf8) => Utf8 = utf8;

    public WireText(ReadOnlySpan<byte> utf8, char before, char behind)
    {
        Utf8 = utf8;
        Before = before;
        Behind = behind;
    }

    /// <summary>What an unpaired surrogate looks like in UTF-8.</summary>
    public static ReadOnlySpan<byte> Replacement => [0xEF, 0xBF, 0xBD];

    public ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>A lone low surrogate or U+FFFD in front, U+0000 for none.</summary>
    public char Before { get; }

    /// <summary>A lone high surrogate at the end, U+0000 for none.</summary>
    public char Behind { get; }

    public bool IsEmpty => Utf8.IsEmpty && Before == '\0' && Behind == '\0';

    /// <summary>Length when written as UTF-8.</summary>
    public int Utf8Length => Utf8.Length + (Before != '\0' ? Replacement.Length : 0) + (Behind != '\0' ? Replacement.Length : 0);

    public int CountUnits() => Encoding.UTF8.GetCharCount(Utf8) + (Before != '\0' ? 1 : 0) + (Behind != '\0' ? 1 : 0);

    /// <summary>The string without its first <paramref name="units"/> UTF-16 units, of which it has more.</summary>
    /// <param name="units">How many units to leave out.</param>
    /// <param name="healed">
    /// True to put U+FFFD in the place of a half that the cut leaves in front (what Yjs does when it splits an item), false to keep the
    /// half (what Yjs does when it writes an item from an offset).
    /// </param>
    public WireText From(int units, bool healed)
    {
        if (units == 0)
            return this;
        if (Before != '\0' && --units == 0)
            return new WireText(Utf8, '\0', Behind);
        int offset = Utf16Walk.OffsetOf(Utf8, units, out bool inside);
        if (!inside)
            return new WireText(Utf8[offset..], '\0', Behind);
        char low = healed ? ReplacementCharacter : Utf16Walk.LowSurrogateAt(Utf8[offset..]);
        return new WireText(Utf8[(offset + Utf16Walk.PairBytes)..], low, Behind);
    }

    /// <summary>Writes the string as <c>str</c>.</summary>
    public void WriteTo(ByteBuffer target)
    {
        target.WriteVarUInt((ulong)Utf8Length);
        if (Before != '\0')
            target.Append(Replacement);
        target.Append(Utf8);
        if (Behind != '\0')
            target.Append(Replacement);
    }

    /// <summary>The string with its lone surrogates, as JavaScript sees it.</summary>
    public override string ToString()
    {
        string middle = Encoding.UTF8.GetString(Utf8);
        if (Before == '\0' && Behind == '\0')
            return middle;
        return (Before != '\0' ? Before.ToString() : "") + middle + (Behind != '\0' ? Behind.ToString() : "");
    }
}
