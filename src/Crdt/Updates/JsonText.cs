using System.Text.Json;

namespace CoEdit.Crdt;

/// <summary>Checks the JSON texts inside updates (embeds, format values, the legacy JSON content).</summary>
/// <remarks>Clients run <c>JSON.parse</c> on them while they read an update: a text that is not JSON breaks every one of them.</remarks>
internal static class JsonText
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads <c>str</c> that has to be one JSON value; returns how deep it is nested, 0 without a container.</summary>
    public static int Read(ref Lib0Reader reader) => Check(reader.ReadVarString());

    /// <summary>The same for an element of the legacy JSON content, where the word <c>undefined</c> is legal as well.</summary>
    public static int ReadElement(ref Lib0Reader reader) => CheckElement(reader.ReadVarString());

    /// <summary>The same for an element of the legacy JSON content that was read already.</summary>
    public static int CheckElement(ReadOnlySpan<byte> text)
    {
        return text.SequenceEqual("undefined"u8) ? 0 : Check(text);
    }

    private static int Check(ReadOnlySpan<byte> text)
    {
        // What bold and italic put into documents by the thousand.
        if (text.SequenceEqual("true"u8) || text.SequenceEqual("null"u8) || text.SequenceEqual("{}"u8))
            return 0;
        int deepest = 0;
        Utf8JsonReader json = new(text, Options);
        try
        {
            while (json.Read())
            {
                if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    deepest = Math.Max(deepest, json.CurrentDepth + 1);
            }

            return deepest;
        }
        catch (JsonException exception)
        {
            throw new MalformedUpdateException("A format or embed value is not JSON.", exception);
        }
    }
}
