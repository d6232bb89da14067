using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace CoEdit.Server;

/// <summary>A signed token in compact form (RFC 7515 §7.1), taken apart but not judged.</summary>
/// <remarks>
/// Strict where leniency has been exploited elsewhere: exactly three segments, no padding or whitespace, no member twice, no
/// <c>crit</c>. Nothing in the header is ever fetched or followed (<c>jku</c>, <c>x5u</c>, <c>jwk</c>); <c>kid</c> is only compared.
/// </remarks>
internal sealed class CompactToken
{
    /// <summary>Longest token that is looked at, in characters.</summary>
    public const int MaxLength = 8 * 1024;

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly byte[] _payload;

    private CompactToken(JwtAlgorithm algorithm, string? keyId, byte[] signed, byte[] payload, byte[] signature)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Signed = signed;
        _payload = payload;
        Signature = signature;
    }

    /// <summary>What the token claims to be signed with.</summary>
    public JwtAlgorithm Algorithm { get; }

    /// <summary>Which key the token claims to be signed with.</summary>
    public string? KeyId { get; }

    /// <summary>The bytes that the signature covers.</summary>
    public byte[] Signed { get; }

    public byte[] Signature { get; }

    /// <summary>Takes a token apart; false with the reason when that cannot be done.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out CompactToken? token, out string failure)
    {
        token = null;
        if (text.Length > MaxLength)
        {
            failure = "The token is larger than 8 kB.";
            return false;
        }

        ReadOnlySpan<char> rest = text;
        int first = rest.IndexOf('.');
        int second = first < 0 ? -1 : first + 1 + rest[(first + 1)..].IndexOf('.');
        if (first < 1 || second <= first + 1 || second == text.Length - 1 || rest[(second + 1)..].Contains('.'))
        {
            failure = "A token has exactly three segments.";
            return false;
        }

        if (rest.ContainsAnyExcept(Alphabet)
            || Decode(rest[..first]) is not { } header || Decode(rest[(first + 1)..second]) is not { } payload || Decode(rest[(second + 1)..]) is not { } signature)
        {
            failure = "The token is not base 64 (URL-safe, without padding).";
            return false;
        }

        if (!TryReadHeader(header, out JwtAlgorithm algorithm, out string? keyId, out failure))
            return false;
        token = new CompactToken(algorithm, keyId, Encoding.ASCII.GetBytes(text[..second]), payload, signature);
        return true;
    }

    /// <summary>The claims. Call only after the signature was verified.</summary>
    /// <exception cref="JsonException">The payload is not a JSON object, or names a member twice.</exception>
    public JsonDocument ReadPayload()
    {
        var document = JsonDocument.Parse(_payload, Strict);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new JsonException("The payload is not an object.");
    }

    private static byte[]? Decode(ReadOnlySpan<char> segment)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(segment.Length)];
        OperationStatus status = Base64Url.DecodeFromChars(segment, bytes, out int consumed, out int written);
        return status == OperationStatus.Done && consumed == segment.Length ? bytes[..written] : null;
    }

    private static bool TryReadHeader(byte[] json, out JwtAlgorithm algorithm, out string? keyId, out string failure)
    {
        algorithm = default;
        keyId = null;
        failure = "";
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            JsonElement header = document.RootElement;
            if (header.ValueKind != JsonValueKind.Object)
                failure = "The token's header is not an object.";
            else if (header.TryGetProperty("crit", out _))
                failure = "The token demands an extension (crit) that is not known here.";
            else if (!TryGetAlgorithm(header, out algorithm))
                failure = "The token's algorithm is none of HS256, RS256 and ES256.";
            else if (header.TryGetProperty("kid", out JsonElement id))
            {
                if (id.ValueKind == JsonValueKind.String)
                    keyId = id.GetString();
                else
                    failure = "The token's kid is not a string.";
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter: lone surrogates
        {
            failure = "The token's header is not well-formed JSON.";
        }

        return failure.Length == 0;
    }

    private static bool TryGetAlgorithm(JsonElement header, out JwtAlgorithm algorithm)
    {
        algorithm = default;
        if (!header.TryGetProperty("alg", out JsonElement name) || name.ValueKind != JsonValueKind.String)
            return false;
        foreach (JwtAlgorithm known in Enum.GetValues<JwtAlgorithm>())
        {
            if (name.ValueEquals(known.ToString()))
            {
                algorithm = known;
                return true;
            }
        }

        return false;
    }
}
