using System.Text.Json;

namespace CoEdit.Crdt;

/// <summary>Checks the JSON texts inside updates (embeds, format values, the legacy JSON content).</summary>
/// <remarks>Clients run <c>JSON.parse</c> on them while they read an update, so a text that is not JSON would break every one of them.</remarks>
internal static class JsonText
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads <c>str</c> that has to be one JSON value.</summary>
    public static void Read(ref Lib0Reader reader) => Check(reader.ReadVarString());

    /// <summary>Reads an element of the legacy JSON content, where the word <c>undefined</c> is legal as well.</summary>
    public static void ReadElement(ref Lib0Reader reader) => CheckElement(reader.ReadVarString());

    /// <summary>Checks an element of the legacy JSON content that was read already.</summary>
    public static void CheckElement(ReadOnlySpan<byte> text)
    {
        if (!text.SequenceEqual("undefined"u8))
            Check(text);
    }

    private static void Check(ReadOnlySpan<byte> text)
    {
        // What bold and italic put into documents by the thousand.
        if (text.SequenceEqual("true"u8) || text.SequenceEqual("null"u8) || text.SequenceEqual("{}"u8))
            return;
        Utf8JsonReader json = new(text, Options);
        try
        {
            while (json.Read())
            {
            }
        }
        catch (JsonException exception)
        {
            throw new MalformedUpdateException("A format or embed value is not JSON.", exception);
        }
    }
}
