using System.Security.Claims;

namespace CoEdit.Server;

/// <summary>On whose account a peer is in a document, and until when.</summary>
/// <param name="Caller">Who was let in.</param>
/// <param name="Expires">From then on the peer has to go (4401), unless it proves itself anew.</param>
internal sealed record PeerIdentity(ClaimsPrincipal Caller, DateTimeOffset Expires)
{
    /// <summary>The user's id; null while everybody is let in.</summary>
    public string? UserId => Caller.Identity?.Name;

    /// <summary>True when the peer has to go now, or will have to after <paramref name="ahead"/>.</summary>
    public bool HasExpired(TimeProvider time, TimeSpan ahead = default) => Expires != DateTimeOffset.MaxValue && Expires <= time.GetUtcNow() + ahead;
}
