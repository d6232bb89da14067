using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CoEdit.Server.Tests;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<CoEditOptions>> Mistakes => new()
    {
        { "CoEdit:Storage:Provider", options => options.Storage.Provider = StorageProvider.PostgreSql },
        { "CoEdit:Storage:ConnectionString", options => options.Storage.ConnectionString = " " },
        { "CoEdit:Storage:Linger", options => options.Storage.Linger = TimeSpan.FromMinutes(1) },
        { "CoEdit:Storage:MaxQueueBytes", options => options.Storage.MaxQueueBytes = 1 },
        { "CoEdit:Auth:Mode", options => options.Auth.Mode = (AuthMode)7 },
        { "CoEdit:Auth:Jwt", options => options.Auth.Mode = AuthMode.Jwt },
        { "CoEdit:Auth:Jwt:Audience", options => AcceptTokens(options).Audience = "" },
        { "CoEdit:Auth:Jwt:Issuer", options => AcceptTokens(options).Issuer = "" },
        { "CoEdit:Auth:Jwt:Authority", options => AcceptTokens(options).Authority = "http://id.example" },
        { "CoEdit:Auth:Jwt:ClockSkew", options => AcceptTokens(options).ClockSkew = TimeSpan.FromHours(1) },
        { "CoEdit:Auth:Jwt:UserClaim", options => AcceptTokens(options).UserClaim = "" },
        { "CoEdit:Auth:Jwt:NameClaim", options => AcceptTokens(options).NameClaim = "" },
        { "CoEdit:Auth:Jwt:RightsClaim", options => AcceptTokens(options).RightsClaim = " " },
        { "CoEdit:Auth:Jwt:AdminClaim", options => AcceptTokens(options).AdminClaim = "" },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection()) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Key = "a", KeyFile = "b" }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { KeyFile = "/no/such/file" }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Key = "not base 64!" }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Key = Convert.ToBase64String(new byte[31]) }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Algorithm = JwtAlgorithm.RS256, Key = Tokens.SecretText }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Algorithm = JwtAlgorithm.RS256, Key = SmallRsaKey() }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Algorithm = JwtAlgorithm.ES256, Key = KeyOnP384() }) },
        { "CoEdit:Auth:Jwt:Keys:1", options => AcceptTokens(options).Keys.Add(new JwtKeySection { Algorithm = (JwtAlgorithm)9, Key = "x" }) },
        { "CoEdit:Security:AllowedOrigins", options => options.Security.AllowedOrigins.Add("example.com/path") },
        { "CoEdit:Limits:MaxMessageBytes", options => options.Limits.MaxMessageBytes = -1 },
        { "CoEdit:Limits:MaxDocumentBytes", options => options.Limits.MaxDocumentBytes = 0 },
        { "CoEdit:Limits:MaxAssemblyBytes", options => options.Limits.MaxAssemblyBytes = 5 },
        { "CoEdit:Limits:MaxPeersPerRoom", options => options.Limits.MaxPeersPerRoom = 0 },
        { "CoEdit:Limits:MaxConnections", options => options.Limits.MaxConnections = -1 },
        { "CoEdit:Limits:MaxConnectionsPerAddress", options => options.Limits.MaxConnectionsPerAddress = -1 },
        { "CoEdit:Limits:MaxConnectionsPerUser", options => options.Limits.MaxConnectionsPerUser = -1 },
        { "CoEdit:Limits:MaxMessagesPerSecond", options => options.Limits.MaxMessagesPerSecond = 9 },
        { "CoEdit:Limits:MaxBytesPerSecond", options => options.Limits.MaxBytesPerSecond = 1 },
        { "CoEdit:Limits:MaxUnauthenticatedBytes", options => options.Limits.MaxUnauthenticatedBytes = 0 },
        { "CoEdit:Limits:KeepAliveInterval", options => options.Limits.KeepAliveInterval = TimeSpan.Zero },
        { "CoEdit:Limits:KeepAliveTimeout", options => options.Limits.KeepAliveTimeout = TimeSpan.FromDays(1) },
        { "CoEdit:Limits:SyncPartBytes", options => options.Limits.SyncPartBytes = 0 },
        { "CoEdit:Limits:HandshakeTimeout", options => options.Limits.HandshakeTimeout = TimeSpan.Zero },
        { "CoEdit:Limits:OutboxBytes", options => options.Limits.OutboxBytes = 0 },
        { "CoEdit:Limits:OutboxFrames", options => options.Limits.OutboxFrames = 0 },
        { "CoEdit:Limits:StallTimeout", options => options.Limits.StallTimeout = TimeSpan.Zero },
        { "CoEdit:Limits:MaxPendingBytes", options => options.Limits.MaxPendingBytes = 0 },
        { "CoEdit:Limits:MaxPendingStructs", options => options.Limits.MaxPendingStructs = 0 },
        { "CoEdit:Limits:MaxRoots", options => options.Limits.MaxRoots = 0 },
        { "CoEdit:Limits:MaxValueNesting", options => options.Limits.MaxValueNesting = 0 },
        { "CoEdit:Limits:MaxAwarenessStateBytes", options => options.Limits.MaxAwarenessStateBytes = 0 },
        { "CoEdit:Rooms:IdleUnload", options => options.Rooms.IdleUnload = TimeSpan.FromSeconds(-1) },
        { "CoEdit:Rooms:FoldRows", options => options.Rooms.FoldRows = 0 },
        { "CoEdit:Rooms:FoldBytes", options => options.Rooms.FoldBytes = 0 },
        { "CoEdit:Rooms:FoldRowsOnUnload", options => options.Rooms.FoldRowsOnUnload = -1 },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_wrong_value_is_refused_in_a_sentence_that_names_its_key(string key, Action<CoEditOptions> mistake)
    {
        var options = new CoEditOptions();
        mistake(options);

        ValidateOptionsResult result = new CoEditOptionsValidator().Validate(null, options);

        Assert.True(result.Failed);
        string sentence = Assert.Single(result.Failures!);
        Assert.StartsWith(key + " ", sentence, StringComparison.Ordinal);
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_do_not_exist_are_found_and_existing_ones_are_not()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("CoEdit:Durability", "CommitFirst"),
            new("CoEdit:limits:maxmessagebytes", "1000"),
            new("CoEdit:Limits:MaxMesageBytes", "1000"),
            new("CoEdit:Security:AllowedOrigins:0", "https://example.com"),
            new("CoEdit:Storage:Linger:Min", "1"),
            new("CoEdit:Storrage:Linger", "1"),
        ]).Build();

        IEnumerable<string> unknown = ConfigurationAdvice.UnknownKeys(configuration.GetSection("CoEdit"), typeof(CoEditOptions));

        Assert.Equal(
            ["COEDIT:LIMITS:MAXMESAGEBYTES", "COEDIT:STORAGE:LINGER", "COEDIT:STORRAGE"],
            unknown.Select(key => key.ToUpperInvariant()).Order(StringComparer.Ordinal));
    }

    private static JwtSection AcceptTokens(CoEditOptions options)
    {
        Tokens.Accept(options);
        return options.Auth.Jwt;
    }

    private static string SmallRsaKey()
    {
        using var key = RSA.Create(1024);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    private static string KeyOnP384()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    [Fact]
    public void The_defaults_are_valid() => Assert.True(new CoEditOptionsValidator().Validate(null, new CoEditOptions()).Succeeded);
}
