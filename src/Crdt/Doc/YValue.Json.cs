using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoEdit.Crdt;

/// <summary>Values from and to System.Text.Json.</summary>
public readonly partial struct YValue
{
    private static readonly JsonDocumentOptions ParseOptions = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads a JSON text.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static YValue ParseJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        using JsonDocument document = JsonDocument.Parse(utf8, ParseOptions);
        return JsonCodec.Read(utf8);
    }

    /// <summary>Converts a JSON node; a missing one is JSON's null.</summary>
    public static YValue FromJsonNode(JsonNode? node) => node is null ? Null : ParseJson(node.ToJsonString());

    /// <summary>
    /// Converts the value to a JSON node. Undefined becomes null, or vanishes from objects; bytes become an object of their indices, as in
    /// JavaScript.
    /// </summary>
    /// <exception cref="ArgumentException">The value holds a 64-bit integer, a shared type or a document, which JSON has no form for.</exception>
    public JsonNode? ToJsonNode() =>
        IsUndefined ? null : JsonNode.Parse(JsonCodec.ToText(this), documentOptions: ParseOptions);
}
