using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CoEdit.Server.Tests;

public sealed class JwtAuthenticatorTests : IDisposable
{
    private readonly ManualTimeProvider _time = new(); // 2026-01-01
    private readonly FakeIdentityProvider _provider = new();
    private readonly CoEditOptions _options = new();
    private OpenIdKeys? _published;

    public static TheoryData<string> BadTokenNames => [.. BadTokens.Corpus.Keys];

    public void Dispose()
    {
        _published?.Dispose();
        _provider.Dispose();
    }

    [Theory]
    [MemberData(nameof(BadTokenNames))]
    public async Task A_bad_token_is_refused_with_a_reason_that_tells_nothing_of_it(string name)
    {
        (string token, string reason) = BadTokens.Corpus[name];

        AuthResult result = await WithConfiguredKeys().AuthenticateAsync(token, CancellationToken.None);

        Assert.Equal(AuthOutcome.Refused, result.Outcome);
        Assert.Contains(reason, result.Failure, StringComparison.Ordinal);
        Assert.All(token.Split('.').Where(segment => segment.Length > 0),
            segment => Assert.DoesNotContain(segment, result.Failure!, StringComparison.Ordinal));
        Assert.Equal(0, _provider.Requests);
    }

    [Theory]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"RS256","kid":"rsa","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":"ES256","kid":"ec"}""")]
    public async Task A_token_of_each_algorithm_is_accepted(string header)
    {
        Func<byte[], byte[]>? sign = header switch
        {
            _ when header.Contains("RS256", StringComparison.Ordinal) => bytes =>
                BadTokens.Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ when header.Contains("ES256", StringComparison.Ordinal) => bytes => BadTokens.Ec.SignData(bytes, HashAlgorithmName.SHA256),
            _ => null,
        };
        DateTimeOffset expires = _time.GetUtcNow().AddMinutes(5);

        AuthResult result = await WithConfiguredKeys().AuthenticateAsync(
            Tokens.Sign(header, Tokens.Payload("ada", expires, "write:notes"), sign), CancellationToken.None);

        Assert.True(result.Succeeded, result.Failure);
        Assert.Equal("ada", result.Principal.Identity?.Name);
        Assert.Equal(expires, result.Expires);
    }

    [Fact]
    public async Task Claims_become_claims_of_the_principal()
    {
        string payload = """
            {"sub":"ada","aud":["x","coedit"],"exp":4070908800,"nbf":1767225629,"coedit_admin":true,"name":"Ada \u263c",
             "coedit":[{"name":"a","rights":"write"},{"prefix":"team/","rights":"read"}],"level":7}
            """;

        AuthResult result = await WithConfiguredKeys().AuthenticateAsync(Tokens.Sign("""{"alg":"HS256"}""", payload), CancellationToken.None);

        Assert.True(result.Succeeded, result.Failure);
        ClaimsPrincipal ada = result.Principal;
        Assert.Equal("Ada ☼", ada.FindFirst("name")?.Value);
        Assert.Equal("true", ada.FindFirst("coedit_admin")?.Value);
        Assert.Equal("7", ada.FindFirst("level")?.Value);
        Assert.Equal(["x", "coedit"], ada.FindAll("aud").Select(claim => claim.Value));
        Assert.Equal(2, ada.FindAll("coedit").Count());
    }

    [Theory]
    [InlineData("a", DocumentRights.Write)]
    [InlineData("A", DocumentRights.None)]
    [InlineData("ab", DocumentRights.None)]
    [InlineData("team/x", DocumentRights.Read)]
    [InlineData("team/", DocumentRights.Read)]
    [InlineData("team", DocumentRights.None)]
    [InlineData("team/mine/y", DocumentRights.Write)]
    [InlineData("other", DocumentRights.None)]
    public async Task Rights_hold_for_exact_names_and_prefixes_and_the_greatest_counts(string document, DocumentRights expected)
    {
        string token = Tokens.Make("ada", "write:a", "read:a", "read:team/*", "write:team/mine/*", "read:team/mine/y");
        AuthResult result = await WithConfiguredKeys().AuthenticateAsync(token, CancellationToken.None);
        Assert.True(result.Succeeded, result.Failure);

        DocumentRights rights = await new ClaimsDocumentAuthorizer(Options.Create(_options))
            .GetRightsAsync(result.Principal, document, CancellationToken.None);

        Assert.Equal(expected, rights);
    }

    [Fact]
    public async Task The_issuer_is_checked_when_one_is_configured()
    {
        _options.Auth.Jwt.Issuer = "https://id.example";
        JwtAuthenticator authenticator = WithConfiguredKeys();
        ValueTask<AuthResult> Try(string claim) => authenticator.AuthenticateAsync(
            Tokens.Sign("""{"alg":"HS256"}""", $$"""{"sub":"ada","aud":"coedit","exp":4070908800{{claim}}}"""), CancellationToken.None);

        Assert.True((await Try(""","iss":"https://id.example" """)).Succeeded);
        Assert.Contains("issuer", (await Try(""","iss":"https://evil.example" """)).Failure, StringComparison.Ordinal);
        Assert.Contains("issuer", (await Try(""","iss":["https://id.example"]""")).Failure, StringComparison.Ordinal);
        Assert.Contains("issuer", (await Try("")).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_a_provider_are_fetched_once_and_again_for_an_unknown_kid_at_most_once_a_minute()
    {
        JwtAuthenticator authenticator = WithProvider();
        Assert.True((await authenticator.AuthenticateAsync(_provider.Token("one"), CancellationToken.None)).Succeeded);
        Assert.True((await authenticator.AuthenticateAsync(_provider.Token("one"), CancellationToken.None)).Succeeded);
        Assert.Equal(1, _provider.KeyRequests);

        _provider.KeyId = "two"; // rotated
        Assert.False((await authenticator.AuthenticateAsync(_provider.Token("two"), CancellationToken.None)).Succeeded);
        Assert.Equal(1, _provider.KeyRequests);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await authenticator.AuthenticateAsync(_provider.Token("two"), CancellationToken.None)).Succeeded);
        Assert.Equal(AuthOutcome.Refused, (await authenticator.AuthenticateAsync(_provider.Token("one"), CancellationToken.None)).Outcome);
        Assert.Equal(2, _provider.KeyRequests);
    }

    [Fact]
    public async Task A_provider_that_is_away_costs_nobody_whose_key_is_known()
    {
        JwtAuthenticator authenticator = WithProvider();
        _provider.IsAway = true;
        Assert.Equal(AuthOutcome.Unavailable, (await authenticator.AuthenticateAsync(_provider.Token("one"), CancellationToken.None)).Outcome);

        _provider.IsAway = false;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await authenticator.AuthenticateAsync(_provider.Token("one"), CancellationToken.None)).Succeeded);

        _provider.IsAway = true;
        _time.Advance(TimeSpan.FromHours(2));
        Assert.True((await authenticator.AuthenticateAsync(_provider.Token("one"), CancellationToken.None)).Succeeded);
    }

    [Fact]
    public async Task Tokens_of_a_provider_must_name_it_and_are_never_checked_with_a_secret()
    {
        JwtAuthenticator authenticator = WithProvider();
        AuthResult foreign = await authenticator.AuthenticateAsync(_provider.Token("one", "https://evil.example"), CancellationToken.None);
        AuthResult shared = await authenticator.AuthenticateAsync(
            Tokens.Sign("""{"alg":"HS256","kid":"one"}""", Tokens.Payload("ada", Tokens.Never)), CancellationToken.None);

        Assert.Contains("issuer", foreign.Failure, StringComparison.Ordinal);
        Assert.Equal(AuthOutcome.Refused, shared.Outcome);
    }

    [Theory]
    [InlineData("""{"issuer":"https://evil.example","jwks_uri":"https://id.example/keys"}""")]
    [InlineData("""{"issuer":"https://id.example","jwks_uri":"http://id.example/keys"}""")]
    [InlineData("""{"issuer":"https://id.example","jwks_uri":"file:///etc/passwd"}""")]
    [InlineData("""{"issuer":"https://id.example"}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task A_configuration_that_is_not_the_provider_s_gives_no_keys(string configuration)
    {
        _provider.Configuration = configuration;

        AuthResult result = await WithProvider().AuthenticateAsync(_provider.Token("one"), CancellationToken.None);

        Assert.Equal(AuthOutcome.Unavailable, result.Outcome);
        Assert.Equal(0, _provider.KeyRequests);
    }

    private JwtAuthenticator WithConfiguredKeys()
    {
        JwtSection jwt = _options.Auth.Jwt;
        jwt.Keys.Add(new JwtKeySection { Key = Tokens.SecretText });
        jwt.Keys.Add(new JwtKeySection { Id = "rsa", Algorithm = JwtAlgorithm.RS256, Key = BadTokens.Rsa.ExportSubjectPublicKeyInfoPem() });
        jwt.Keys.Add(new JwtKeySection { Id = "ec", Algorithm = JwtAlgorithm.ES256, Key = BadTokens.Ec.ExportSubjectPublicKeyInfoPem() });
        return Create();
    }

    private JwtAuthenticator WithProvider()
    {
        _options.Auth.Jwt.Authority = FakeIdentityProvider.Issuer;
        return Create();
    }

    private JwtAuthenticator Create()
    {
        _options.Auth.Mode = AuthMode.Jwt;
        _published = new OpenIdKeys(_provider, Options.Create(_options), _time, NullLogger<OpenIdKeys>.Instance);
        return new JwtAuthenticator(Options.Create(_options), _published, _time);
    }
}
