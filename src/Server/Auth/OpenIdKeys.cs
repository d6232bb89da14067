using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>What an OpenID provider publishes.</summary>
internal sealed record OpenIdKeySet(IReadOnlyList<SigningKey> Keys, long LoadedAt)
{
    public bool Has(JwtAlgorithm algorithm, string? keyId) => Keys.Any(key => key.Fits(algorithm, keyId));
}

/// <summary>The keys of <c>CoEdit:Auth:Jwt:Authority</c>: fetched when first needed, kept, and fetched again when a token names an unknown one.</summary>
/// <remarks>
/// OpenID Connect Discovery 1.0 §4 and RFC 7517. Redirects are not followed, answers are bounded, and a provider that is away costs nobody
/// who holds a token of a known key. Any thread; one fetch at a time.
/// </remarks>
internal sealed partial class OpenIdKeys(
    IHttpClientFactory clients, IOptions<CoEditOptions> options, TimeProvider time, ILogger<OpenIdKeys> logger) : IDisposable
{
    /// <summary>Name of the HTTP client.</summary>
    public const string Client = "CoEdit.OpenId";

    private const int MaxKeys = 64;

    /// <summary>Keys that the provider has withdrawn are forgotten after this time.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private static readonly TimeSpan MinPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MinPauseWithoutKeys = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile OpenIdKeySet? _current;
    private long? _lastAttempt;

    /// <summary>The published keys, fetched anew if none fits a token with this header. Null: the provider could not be asked.</summary>
    public async ValueTask<OpenIdKeySet?> GetAsync(JwtAlgorithm algorithm, string? keyId, CancellationToken cancellationToken)
    {
        OpenIdKeySet? known = _current;
        bool fits = known is not null && known.Has(algorithm, keyId);
        if (fits && time.GetElapsedTime(known!.LoadedAt) < Lifetime)
            return known;

        // Whoever can do without the answer does not wait for somebody else's question.
        if (!await _gate.WaitAsync(fits ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancellationToken))
            return known;
        try
        {
            TimeSpan pause = _current is null ? MinPauseWithoutKeys : MinPause;
            bool asked = _current != known || (_lastAttempt is { } last && time.GetElapsedTime(last) < pause);
            if (!asked)
            {
                _lastAttempt = time.GetTimestamp();
                await RefreshAsync(cancellationToken);
            }

            return _current;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            _current = await LoadAsync(patience.Token);
            LogLoaded(_current.Keys.Count, options.Value.Auth.Jwt.Authority!);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or FormatException or InvalidOperationException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogFailed(options.Value.Auth.Jwt.Authority!, exception.Message);
        }
    }

    private async Task<OpenIdKeySet> LoadAsync(CancellationToken cancellationToken)
    {
        JwtSection jwt = options.Value.Auth.Jwt;
        string authority = jwt.Authority!.TrimEnd('/');
        using HttpClient client = clients.CreateClient(Client);
        long now = time.GetTimestamp();

        using var configuration = JsonDocument.Parse(
            await client.GetByteArrayAsync(new Uri(authority + "/.well-known/openid-configuration"), cancellationToken));
        string issuer = Text(configuration.RootElement, "issuer") ?? throw new FormatException("The configuration names no issuer.");
        if (!string.Equals(issuer.TrimEnd('/'), (jwt.Issuer ?? authority).TrimEnd('/'), StringComparison.Ordinal))
            throw new FormatException($"The configuration names the issuer {issuer}, not {jwt.Issuer ?? authority}.");
        if (!IsSafe(Text(configuration.RootElement, "jwks_uri"), out Uri? address))
            throw new FormatException("The configuration's jwks_uri is not an https address.");

        using var published = JsonDocument.Parse(await client.GetByteArrayAsync(address, cancellationToken));
        var keys = new List<SigningKey>();
        foreach (JsonElement key in published.RootElement.GetProperty("keys").EnumerateArray().Take(MaxKeys))
        {
            if (TryRead(key, issuer) is { } usable)
                keys.Add(usable);
        }

        return new OpenIdKeySet(keys, now);
    }

    /// <summary>True for <c>https</c>, and for <c>http</c> on this machine.</summary>
    internal static bool IsSafe(string? address, out Uri? uri) =>
        Uri.TryCreate(address, UriKind.Absolute, out uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));

    // Keys for other purposes and algorithms are passed over, and so is one that cannot be read: the others still count.
    private static SigningKey? TryRead(JsonElement key, string issuer)
    {
        if (Text(key, "use") is not (null or "sig"))
            return null;
        try
        {
            string? algorithm = Text(key, "alg");
            return Text(key, "kty") switch
            {
                "RSA" when algorithm is null or "RS256" => new Rs256Key(Text(key, "kid"), RSA.Create(new RSAParameters
                {
                    Modulus = Bytes(key, "n"),
                    Exponent = Bytes(key, "e"),
                }), issuer),
                "EC" when algorithm is null or "ES256" && Text(key, "crv") == "P-256" => new Es256Key(Text(key, "kid"), ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") },
                }), issuer),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static byte[] Bytes(JsonElement element, string name) => Base64Url.DecodeFromChars(Text(element, name));

    [LoggerMessage(EventIds.KeysLoaded, LogLevel.Information, "Loaded {Count} keys of {Authority}.")]
    private partial void LogLoaded(int count, LogText authority);

    [LoggerMessage(EventIds.KeysFailed, LogLevel.Warning, "The keys of {Authority} could not be loaded: {Reason}")]
    private partial void LogFailed(LogText authority, LogText reason);
}
