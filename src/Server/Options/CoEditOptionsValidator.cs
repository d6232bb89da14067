using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Checks every value once, at start. Each message is one sentence that names the key.</summary>
internal sealed class CoEditOptionsValidator : IValidateOptions<CoEditOptions>
{
    public ValidateOptionsResult Validate(string? name, CoEditOptions options)
    {
        var errors = new List<string>();
        void Require(bool holds, string key, string rule)
        {
            if (!holds)
                errors.Add($"{CoEditOptions.Section}:{key} {rule}.");
        }

        Require(Enum.IsDefined(options.Durability), "Durability", "must be AckAfterCommit or CommitFirst");

        StorageSection storage = options.Storage;
        Require(storage.Provider == StorageProvider.Sqlite, "Storage:Provider",
            "is PostgreSql, which this version of CoEdit does not support yet; use Sqlite");
        Require(!string.IsNullOrWhiteSpace(storage.ConnectionString), "Storage:ConnectionString", "must not be empty");
        Require(Enum.IsDefined(storage.Synchronous), "Storage:Synchronous", "must be Full or Normal");
        Require(storage.Linger >= TimeSpan.Zero && storage.Linger <= TimeSpan.FromSeconds(1), "Storage:Linger", "must lie between 0 and 00:00:01");
        Require(storage.MaxQueueBytes >= 1024 * 1024, "Storage:MaxQueueBytes", "must be at least 1048576");

        Require(Enum.IsDefined(options.Auth.Mode), "Auth:Mode", "must be None or Jwt");
        JwtSectionRules.Check(options.Auth, Require);

        foreach (string origin in options.Security.AllowedOrigins)
        {
            bool isOrigin = Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
                && uri.Scheme is "http" or "https" && string.Equals(uri.GetLeftPart(UriPartial.Authority), origin, StringComparison.OrdinalIgnoreCase);
            Require(isOrigin, "Security:AllowedOrigins", $"contains \"{origin}\", which is not an origin such as https://app.example.com");
        }

        LimitsSection limits = options.Limits;
        Require(limits.MaxMessageBytes is >= 1024 and <= 1 << 30, "Limits:MaxMessageBytes", "must lie between 1024 and 1073741824");
        Require(limits.MaxDocumentBytes is >= 1024 and <= 1L << 30, "Limits:MaxDocumentBytes", "must lie between 1024 and 1073741824");
        Require(limits.MaxAssemblyBytes >= limits.MaxMessageBytes, "Limits:MaxAssemblyBytes", "must be at least CoEdit:Limits:MaxMessageBytes");
        Require(limits.MaxPeersPerRoom >= 1, "Limits:MaxPeersPerRoom", "must be at least 1");
        Require(limits.MaxConnections >= 0, "Limits:MaxConnections", "must not be negative");
        Require(limits.MaxConnectionsPerAddress >= 0, "Limits:MaxConnectionsPerAddress", "must not be negative");
        Require(limits.MaxConnectionsPerUser >= 0, "Limits:MaxConnectionsPerUser", "must not be negative");
        Require(limits.MaxMessagesPerSecond is 0 or >= 10, "Limits:MaxMessagesPerSecond", "must be 0 or at least 10");
        Require(limits.MaxBytesPerSecond is 0 or >= 65536, "Limits:MaxBytesPerSecond", "must be 0 or at least 65536");
        Require(limits.MaxUnauthenticatedBytes >= 1024, "Limits:MaxUnauthenticatedBytes", "must be at least 1024");
        Require(limits.KeepAliveInterval >= TimeSpan.FromSeconds(1) && limits.KeepAliveInterval <= TimeSpan.FromHours(1), "Limits:KeepAliveInterval",
            "must lie between 00:00:01 and 01:00:00");
        Require(limits.KeepAliveTimeout >= TimeSpan.FromSeconds(1) && limits.KeepAliveTimeout <= TimeSpan.FromHours(1), "Limits:KeepAliveTimeout",
            "must lie between 00:00:01 and 01:00:00");
        Require(limits.OutboxBytes >= 1024, "Limits:OutboxBytes", "must be at least 1024");
        Require(limits.OutboxFrames >= 4, "Limits:OutboxFrames", "must be at least 4");
        Require(limits.SyncPartBytes is >= 1024 and <= 1 << 30, "Limits:SyncPartBytes", "must lie between 1024 and 1073741824");
        Require(limits.StallTimeout >= TimeSpan.FromSeconds(1), "Limits:StallTimeout", "must be at least 00:00:01");
        Require(limits.HandshakeTimeout >= TimeSpan.FromSeconds(1) && limits.HandshakeTimeout <= TimeSpan.FromHours(1), "Limits:HandshakeTimeout",
            "must lie between 00:00:01 and 01:00:00");
        Require(limits.MaxPendingBytes >= 1024, "Limits:MaxPendingBytes", "must be at least 1024");
        Require(limits.MaxPendingStructs >= 1, "Limits:MaxPendingStructs", "must be at least 1");
        Require(limits.MaxRoots >= 1, "Limits:MaxRoots", "must be at least 1");
        Require(limits.MaxValueNesting >= 1, "Limits:MaxValueNesting", "must be at least 1");
        Require(limits.MaxAwarenessStateBytes >= 64, "Limits:MaxAwarenessStateBytes", "must be at least 64");

        RoomsSection rooms = options.Rooms;
        Require(rooms.IdleUnload >= TimeSpan.Zero && rooms.IdleUnload <= TimeSpan.FromDays(1), "Rooms:IdleUnload", "must lie between 0 and one day");
        Require(rooms.FoldRows >= 1, "Rooms:FoldRows", "must be at least 1");
        Require(rooms.FoldBytes >= 1, "Rooms:FoldBytes", "must be at least 1");
        Require(rooms.FoldRowsOnUnload >= 0, "Rooms:FoldRowsOnUnload", "must not be negative");

        Require(options.Health.MaxUncommittedAge > TimeSpan.Zero, "Health:MaxUncommittedAge", "must be more than 0");
        Require(options.Telemetry.OtlpEndpoint is not { } collector || (Uri.TryCreate(collector, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"),
            "Telemetry:OtlpEndpoint", "must be an address such as http://localhost:4318");

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
