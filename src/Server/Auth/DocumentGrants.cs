using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;

namespace CoEdit.Server;

/// <summary>The rights that a principal carries in its claims: exact names and prefixes of names.</summary>
/// <remarks>
/// A claim's value is one object or an array of them: <c>{"name":"notes","rights":"write"}</c>, <c>{"prefix":"team/","rights":"read"}</c>.
/// Of several that match a name, the greatest holds.
/// </remarks>
internal sealed class DocumentGrants
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };
    private static readonly ConditionalWeakTable<ClaimsPrincipal, DocumentGrants> Known = [];

    private readonly Dictionary<string, DocumentRights> _names = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, DocumentRights Rights)> _prefixes = [];

    /// <summary>Reads the claims of type <paramref name="claimType"/> once per principal. A malformed claim grants nothing.</summary>
    public static DocumentGrants Of(ClaimsPrincipal principal, string claimType)
    {
        if (Known.TryGetValue(principal, out DocumentGrants? grants))
            return grants;
        grants = new DocumentGrants();
        foreach (Claim claim in principal.FindAll(claimType))
            grants.TryAdd(claim.Value);
        Known.AddOrUpdate(principal, grants);
        return grants;
    }

    /// <summary>What is granted for the document of this name.</summary>
    public DocumentRights For(string document)
    {
        DocumentRights rights = _names.GetValueOrDefault(document);
        foreach ((string prefix, DocumentRights granted) in _prefixes)
        {
            if (granted > rights && document.StartsWith(prefix, StringComparison.Ordinal))
                rights = granted;
        }

        return rights;
    }

    /// <summary>Adds what a claim says; false and nothing added when it is malformed.</summary>
    public bool TryAdd(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return TryAdd(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <inheritdoc cref="TryAdd(string)"/>
    public bool TryAdd(JsonElement value)
    {
        var grants = new List<(bool Exact, string Name, DocumentRights Rights)>();
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement element in value.EnumerateArray())
            {
                if (!TryRead(element, grants))
                    return false;
            }
        }
        else if (!TryRead(value, grants))
        {
            return false;
        }

        foreach ((bool exact, string name, DocumentRights rights) in grants)
        {
            if (!exact)
                _prefixes.Add((name, rights));
            else if (rights > _names.GetValueOrDefault(name))
                _names[name] = rights;
        }

        return true;
    }

    private static bool TryRead(JsonElement value, List<(bool Exact, string Name, DocumentRights Rights)> grants)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("rights", out JsonElement rights))
            return false;
        bool exact = value.TryGetProperty("name", out JsonElement name);
        bool byPrefix = value.TryGetProperty("prefix", out JsonElement prefix);
        if (exact == byPrefix)
            return false;
        if (byPrefix)
            name = prefix;
        if (name.ValueKind != JsonValueKind.String || rights.ValueKind != JsonValueKind.String || name.GetString() is not { } text)
            return false;
        DocumentRights? granted = rights.GetString() switch
        {
            "read" => DocumentRights.Read,
            "write" => DocumentRights.Write,
            _ => null,
        };
        if (granted is null)
            return false;
        grants.Add((exact, text, granted.Value));
        return true;
    }
}
