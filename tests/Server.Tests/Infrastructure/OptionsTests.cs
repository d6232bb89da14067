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
        { "CoEdit:Auth:Mode", options => options.Auth.Mode = AuthMode.Jwt },
        { "CoEdit:Security:AllowedOrigins", options => options.Security.AllowedOrigins.Add("example.com/path") },
        { "CoEdit:Limits:MaxMessageBytes", options => options.Limits.MaxMessageBytes = -1 },
        { "CoEdit:Limits:MaxDocumentBytes", options => options.Limits.MaxDocumentBytes = 0 },
        { "CoEdit:Limits:MaxAssemblyBytes", options => options.Limits.MaxAssemblyBytes = 5 },
        { "CoEdit:Limits:MaxPeersPerRoom", options => options.Limits.MaxPeersPerRoom = 0 },
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

    [Fact]
    public void The_defaults_are_valid() => Assert.True(new CoEditOptionsValidator().Validate(null, new CoEditOptions()).Succeeded);
}
