using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CoEdit.Server.Tests;

public sealed class TokenCommandTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_token_of_the_configured_key_opens_what_it_names()
    {
        (int code, string token, string error) = Run(Configured(("Id", "dev")), "--user", "ada", "--document", "notes", "--prefix=team/", "--rights", "read", "--minutes", "5");

        Assert.Equal((0, ""), (code, error));
        AuthResult result = await JudgeAsync(token.Trim(), Tokens.SecretText, "dev");
        Assert.True(result.Succeeded, result.Failure);
        Assert.Equal("ada", result.Principal.Identity?.Name);
        Assert.Equal(_time.GetUtcNow().AddMinutes(5), result.Expires);
        DocumentGrants grants = DocumentGrants.Of(result.Principal, "coedit");
        Assert.Equal(DocumentRights.Read, grants.For("notes"));
        Assert.Equal(DocumentRights.Read, grants.For("team/x"));
        Assert.Equal(DocumentRights.None, grants.For("other"));
        Assert.Null(result.Principal.FindFirst("coedit_admin"));
    }

    [Fact]
    public async Task Without_a_key_it_makes_one_and_says_how_to_start_a_server_with_it()
    {
        (int code, string token, string error) = Run([], "--user", "ada", "--prefix", "", "--admin");

        Assert.Equal(0, code);
        string key = Regex.Match(error, "CoEdit__Auth__Jwt__Keys__0__Key=(\\S+)").Groups[1].Value;
        Assert.Contains("CoEdit__Auth__Mode=Jwt", error, StringComparison.Ordinal);
        AuthResult result = await JudgeAsync(token.Trim(), key, null);
        Assert.True(result.Succeeded, result.Failure);
        Assert.Equal("true", result.Principal.FindFirst("coedit_admin")?.Value);
        Assert.Equal(DocumentRights.Write, DocumentGrants.Of(result.Principal, "coedit").For("anything"));
    }

    [Theory]
    [InlineData("--user is missing", "--document", "notes")]
    [InlineData("would allow nothing", "--user", "ada")]
    [InlineData("read or write", "--user", "ada", "--document", "notes", "--rights", "all")]
    [InlineData("1 and 1440", "--user", "ada", "--document", "notes", "--minutes", "0")]
    [InlineData("1 and 1440", "--user", "ada", "--document", "notes", "--minutes", "99999")]
    [InlineData("needs a value", "--user")]
    [InlineData("no option --usr", "--usr", "ada")]
    public void A_mistake_is_named_with_the_usage_and_no_token_is_made(string said, params string[] arguments)
    {
        (int code, string output, string error) = Run(Configured(), arguments);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Contains("Usage:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_only_public_keys_are_configured_it_makes_no_token()
    {
        (int code, string output, string error) = Run(
            [new("CoEdit:Auth:Jwt:Keys:0:Algorithm", "RS256"), new("CoEdit:Auth:Jwt:Keys:0:Key", "x")], "--user", "ada", "--document", "notes");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("no HS256 key", error, StringComparison.Ordinal);
    }

    private static List<KeyValuePair<string, string?>> Configured(params (string Name, string Value)[] more) =>
    [
        new("CoEdit:Auth:Mode", "Jwt"),
        new("CoEdit:Auth:Jwt:Keys:0:Key", Tokens.SecretText),
        .. more.Select(setting => new KeyValuePair<string, string?>("CoEdit:Auth:Jwt:Keys:0:" + setting.Name, setting.Value)),
    ];

    private (int Code, string Output, string Error) Run(List<KeyValuePair<string, string?>> settings, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = TokenCommand.Run(arguments, new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), _time, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<AuthResult> JudgeAsync(string token, string key, string? id)
    {
        var options = new CoEditOptions();
        options.Auth.Jwt.Keys.Add(new JwtKeySection { Id = id, Key = key });
        using var provider = new FakeIdentityProvider();
        using var published = new OpenIdKeys(provider, Options.Create(options), _time, NullLogger<OpenIdKeys>.Instance);
        return await new JwtAuthenticator(Options.Create(options), published, _time).AuthenticateAsync(token, CancellationToken.None);
    }
}
