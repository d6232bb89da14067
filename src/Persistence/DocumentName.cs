using System.Text;

namespace CoEdit.Persistence;

/// <summary>What storage needs of a name so that it comes back as it went in; the stricter rules of the server are not repeated here.</summary>
internal static class DocumentName
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0'))
            throw new ArgumentException("A document name can't hold a zero character.", nameof(name));
        try
        {
            Strict.GetByteCount(name);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("A document name must be valid UTF-16.", nameof(name), e);
        }
    }
}
