using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Judges JSON Web Tokens (RFC 7519, with the advice of RFC 8725). Any thread.</summary>
internal sealed class JwtAuthenticator
{
    /// <summary>Longest user id.</summary>
    private const int MaxUserLength = 256;

    private static readonly double LastDate = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).TotalSeconds - 1;

    private readonly JwtSection _options;
    private readonly IReadOnlyList<SigningKey> _configured;
    private readonly OpenIdKeys _published;
    private readonly TimeProvider _time;

    public JwtAuthenticator(IOptions<CoEditOptions> options, OpenIdKeys published, TimeProvider time)
    {
        _options = options.Value.Auth.Jwt;
        _configured = [.. _options.Keys.Select(key => SigningKey.From(key, _options.Issuer))];
        _published = published;
        _time = time;
    }

    public async ValueTask<AuthResult> AuthenticateAsync(string? text, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(text))
            return AuthResult.Refused("A token is needed.");
        if (!CompactToken.TryRead(text, out CompactToken? token, out string failure))
            return AuthResult.Refused(failure);

        // 1 find the key, 2 check the signature, 3 only then read what was signed
        SigningKey? key = FindSigner(_configured, token);
        if (key is null && _options.Authority is not null && token.Algorithm != JwtAlgorithm.HS256)
        {
            OpenIdKeySet? published = await _published.GetAsync(token.Algorithm, token.KeyId, cancellationToken);
            if (published is null)
                return AuthResult.Unavailable("The keys of the identity provider cannot be had at the moment.");
            key = FindSigner(published.Keys, token);
        }

        return key is null ? AuthResult.Refused("The token is not signed with a key that is known here.") : ReadClaims(token, key);
    }

    private static SigningKey? FindSigner(IReadOnlyList<SigningKey> keys, CompactToken token)
    {
        foreach (SigningKey key in keys)
        {
            if (key.Fits(token.Algorithm, token.KeyId) && key.Verify(token.Signed, token.Signature))
                return key;
        }

        return null;
    }

    private AuthResult ReadClaims(CompactToken token, SigningKey key)
    {
        try
        {
            using JsonDocument document = token.ReadPayload();
            JsonElement payload = document.RootElement;
            DateTimeOffset now = _time.GetUtcNow();

            if (!TryGetDate(payload, "exp", out DateTimeOffset? expires) || expires is null)
                return AuthResult.Refused("The token has no expiry (exp) that is a date.");
            if (now >= expires)
                return AuthResult.Refused("The token has expired.");
            if (!TryGetDate(payload, "nbf", out DateTimeOffset? begins))
                return AuthResult.Refused("The token's beginning (nbf) is not a date.");
            if (begins - _options.ClockSkew > now)
                return AuthResult.Refused("The token is not valid yet.");
            if (key.Issuer is not null && !IsText(payload, "iss", key.Issuer))
                return AuthResult.Refused("The token is from another issuer.");
            if (!HasAudience(payload))
                return AuthResult.Refused("The token is meant for another audience.");
            if (!payload.TryGetProperty(_options.UserClaim, out JsonElement user) || user.ValueKind != JsonValueKind.String
                || user.GetString() is not { Length: > 0 and <= MaxUserLength })
            {
                return AuthResult.Refused($"The token's claim {_options.UserClaim} does not name a user.");
            }

            if (payload.TryGetProperty(_options.RightsClaim, out JsonElement rights) && !IsReadable(rights))
                return AuthResult.Refused($"The token's claim {_options.RightsClaim} is malformed.");
            return AuthResult.Success(ToPrincipal(payload), expires.Value);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter: lone surrogates
        {
            return AuthResult.Refused("The token's claims are not well-formed JSON.");
        }
    }

    private ClaimsPrincipal ToPrincipal(JsonElement payload)
    {
        var identity = new ClaimsIdentity(CoEditPolicies.Scheme, _options.UserClaim, "role");
        foreach (JsonProperty claim in payload.EnumerateObject())
        {
            if (claim.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement element in claim.Value.EnumerateArray())
                    identity.AddClaim(ToClaim(claim.Name, element));
            }
            else
            {
                identity.AddClaim(ToClaim(claim.Name, claim.Value));
            }
        }

        return new ClaimsPrincipal(identity);
    }

    private static Claim ToClaim(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new Claim(name, value.GetString()!),
        JsonValueKind.True or JsonValueKind.False => new Claim(name, value.GetBoolean() ? "true" : "false", ClaimValueTypes.Boolean),
        _ => new Claim(name, value.GetRawText(), "JSON"),
    };

    // A provider that can only issue text has the rights as JSON in a string.
    private static bool IsReadable(JsonElement rights)
    {
        var grants = new DocumentGrants();
        return rights.ValueKind == JsonValueKind.String ? grants.TryAdd(rights.GetString()!) : grants.TryAdd(rights);
    }

    private bool HasAudience(JsonElement payload)
    {
        if (!payload.TryGetProperty("aud", out JsonElement audience))
            return false;
        return audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(_options.Audience))
            : IsText(payload, "aud", _options.Audience);
    }

    private static bool IsText(JsonElement payload, string name, string expected) =>
        payload.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(expected);

    // False: there is something that is no date. A number beyond the calendar is none either.
    private static bool TryGetDate(JsonElement payload, string name, out DateTimeOffset? date)
    {
        date = null;
        if (!payload.TryGetProperty(name, out JsonElement value))
            return true;
        if (value.ValueKind != JsonValueKind.Number
            || !double.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            || !(seconds >= 0 && seconds <= LastDate))
        {
            return false;
        }

        date = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }
}
