using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoEdit.Crdt;

/// <summary>Values from and to System.Text.Json.</summary>
public readonly partial struct YValue
{
    // Parsing a text as a whole takes time in proportion to its length times its depth; up to this depth it is still the fastest way.
    private const int ParsedAsAWhole = 64;

    /// <summary>Reads a JSON text.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static YValue ParseJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        JsonCodec.Check(utf8);
        return JsonCodec.Read(utf8);
    }

    /// <summary>Converts a JSON node; a missing one is JSON's null.</summary>
    public static YValue FromJsonNode(JsonNode? node) => JsonNodes.Read(node);

    /// <summary>
    /// Converts the value to a JSON node. Undefined becomes null, or vanishes from objects; bytes become an object of their indices, as in
    /// JavaScript.
    /// </summary>
    /// <exception cref="ArgumentException">The value holds a 64-bit integer, a shared type or a document, which JSON has no form for.</exception>
    public JsonNode? ToJsonNode()
    {
        if (IsUndefined)
            return null;
        string text = JsonCodec.ToText(this, out int depth);
        return depth <= ParsedAsAWhole ? JsonNode.Parse(text) : JsonNodes.Write(this);
    }
}
