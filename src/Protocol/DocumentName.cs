using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace CoEdit.Protocol;

/// <summary>The rules for document names, and how a name is read from the path of a request.</summary>
/// <remarks>
/// <para>
/// Names are compared byte by byte in UTF-8 and never normalised: two spellings of "é" are two documents. A name is 1 to
/// <see cref="MaxBytes"/> bytes; it holds no control character (C0, DEL, C1), neither begins nor ends with <c>/</c>, and none of its
/// <c>/</c>-separated segments is <c>.</c> or <c>..</c>. Everything else is allowed, spaces and empty segments included.
/// </para>
/// <para>Every error is a short English sentence that fits into the reason of a WebSocket close frame (123 bytes).</para>
/// </remarks>
public static class DocumentName
{
    /// <summary>The longest name, in bytes of its UTF-8 form.</summary>
    public const int MaxBytes = 256;

    /// <summary>Reads a name from the part of the request target that follows the route prefix.</summary>
    /// <param name="rawPathPart">
    /// The characters as they came over the wire, still percent-encoded, without the query. Percent escapes are decoded exactly once,
    /// <c>%2F</c> included, so that <c>a%2Fb</c> and <c>a/b</c> are one name; <c>+</c> is a plus. An unescaped character outside ASCII
    /// is refused, because a request target has no defined encoding for it.
    /// </param>
    /// <param name="name">The decoded name, or the empty string.</param>
    /// <param name="error">What is wrong with it, or the empty string.</param>
    /// <returns>True when the name is acceptable.</returns>
    public static bool TryParse(ReadOnlySpan<char> rawPathPart, out string name, out string error)
    {
        name = "";
        Span<byte> utf8 = stackalloc byte[MaxBytes];
        int length = 0;
        for (int i = 0; i < rawPathPart.Length; i++)
        {
            char c = rawPathPart[i];
            if (c == '%')
            {
                if (rawPathPart.Length - i < 3 || !char.IsAsciiHexDigit(rawPathPart[i + 1]) || !char.IsAsciiHexDigit(rawPathPart[i + 2]))
                    return Refuse("The document name has a malformed percent escape.", out error);
                c = (char)((HexValue(rawPathPart[i + 1]) << 4) | HexValue(rawPathPart[i + 2]));
                i += 2;
            }
            else if (!char.IsAscii(c))
            {
                return Refuse("The document name has a character outside ASCII that is not percent-encoded.", out error);
            }

            if (length == MaxBytes)
                return Refuse("The document name is longer than 256 bytes.", out error);
            utf8[length++] = (byte)c;
        }

        utf8 = utf8[..length];
        if (!Utf8.IsValid(utf8))
            return Refuse("The document name is not valid UTF-8.", out error);

        string decoded = Encoding.UTF8.GetString(utf8);
        if (!TryValidate(decoded, out error))
            return false;
        name = decoded;
        return true;
    }

    /// <summary>Checks a name that needs no decoding, for example one from a JSON body or a command line.</summary>
    /// <param name="decoded">The name.</param>
    /// <param name="error">What is wrong with it, or the empty string.</param>
    /// <returns>True when the name is acceptable.</returns>
    public static bool TryValidate(string decoded, out string error)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        if (decoded.Length == 0)
            return Refuse("The document name is empty.", out error);
        if (decoded.Length > MaxBytes) // a UTF-16 unit is at least one byte of UTF-8
            return Refuse("The document name is longer than 256 bytes.", out error);

        int bytes = 0;
        ReadOnlySpan<char> rest = decoded;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int units) != OperationStatus.Done)
                return Refuse("The document name has half of a surrogate pair.", out error);
            if (Rune.IsControl(rune))
                return Refuse("The document name has a control character.", out error);
            bytes += rune.Utf8SequenceLength;
            rest = rest[units..];
        }

        if (bytes > MaxBytes)
            return Refuse("The document name is longer than 256 bytes.", out error);
        if (decoded[0] == '/' || decoded[^1] == '/')
            return Refuse("The document name begins or ends with a slash.", out error);
        foreach (Range segment in decoded.AsSpan().Split('/'))
        {
            if (decoded.AsSpan(segment) is "." or "..")
                return Refuse("The document name has a segment that is '.' or '..'.", out error);
        }

        error = "";
        return true;
    }

    private static bool Refuse(string why, out string error)
    {
        error = why;
        return false;
    }

    private static int HexValue(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
