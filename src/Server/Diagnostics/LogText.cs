using System.Globalization;
using System.Text;

namespace CoEdit.Server;

/// <summary>A text from outside as it may stand in a log: quoted, on one line, and not too long.</summary>
/// <remarks>
/// Names of documents and users are chosen by strangers. Whatever could begin a new line, colour a terminal or turn the reading direction is
/// escaped as in JSON, and only the first 256 characters are written. Costs nothing until the line is written.
/// </remarks>
internal readonly record struct LogText(string? Text)
{
    private const int MaxCharacters = 256;

    public static implicit operator LogText(string? text) => new(text);

    public override string ToString()
    {
        if (Text is null)
            return "null";
        var line = new StringBuilder(Math.Min(Text.Length, MaxCharacters) + 2).Append('"');
        int written = 0;
        foreach (Rune rune in Text.EnumerateRunes())
        {
            if (++written > MaxCharacters)
            {
                line.Append("...");
                break;
            }

            Append(line, rune);
        }

        return line.Append('"').ToString();
    }

    private static void Append(StringBuilder line, Rune rune)
    {
        switch (rune.Value)
        {
            case '"' or '\\':
                line.Append('\\').Append((char)rune.Value);
                return;
            case '\n':
                line.Append("\\n");
                return;
            case '\r':
                line.Append("\\r");
                return;
            case '\t':
                line.Append("\\t");
                return;
        }

        bool isSafe = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
        Span<char> units = stackalloc char[2];
        int length = rune.EncodeToUtf16(units);
        if (isSafe)
            line.Append(units[..length]);
        else
        {
            foreach (char unit in units[..length])
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }
    }
}
