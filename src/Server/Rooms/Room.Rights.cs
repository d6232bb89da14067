using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <content>Rights: what readers may not do, and what happens when rights change or end.</content>
internal sealed partial class Room
{
    /// <summary>How long before its proof ends a peer is asked for another one.</summary>
    private static readonly TimeSpan AskBefore = TimeSpan.FromSeconds(30);

    private const string ReadOnlyReason = "You may only read this document; what you type is not kept.";

    private readonly ImpliedDeletions _implied = new();

    /// <summary>A reader may send what is known already, for every client uploads its whole delete set when it is asked (spec AUT4).</summary>
    private void OnReadersUpdate(Peer peer, FrameKind kind, ReadOnlySpan<byte> update)
    {
        UpdateNews news = _store.FindNews(update);
        bool isKnown = news == UpdateNews.Nothing || (news == UpdateNews.Deletions && _implied.Cover(_store, _version, update, _now));
        if (isKnown && peer.MayRepeat(kind))
        {
            Acknowledge(peer);
            return;
        }

        RefuseWrite(peer, ReadOnlyReason);
        _context.Metrics.AddRejection(Rejection.ReadOnly);
        if (!isKnown)
            peer.TellReadOnly(ReadOnlyReason, _now);
    }

    private AwarenessIdentity? AwarenessIdentityOf(Peer peer)
    {
        if (peer.Principal is not { } principal)
            return null;
        string? name = !_context.Options.Awareness.StampUser ? null
            : peer.Identity?.Caller.FindFirst(_context.Options.Auth.Jwt.NameClaim)?.Value is { Length: > 0 } found ? found
            : principal;
        return new AwarenessIdentity(principal, name);
    }

    private void OnListRights(TaskCompletionSource<IReadOnlyList<HeldRights>> reply)
    {
        var held = new List<HeldRights>(_peers.Count);
        foreach (Peer peer in _peers)
        {
            if (peer.Identity is { } identity)
                held.Add(new HeldRights(peer, identity, peer.Rights));
        }

        reply.TrySetResult(held);
    }

    private void OnRights(Peer peer, NewRights verdict)
    {
        // It left meanwhile, or proved itself anew and was judged by that.
        if (peer.Awareness is null || (!verdict.ReplacesIdentity && peer.Identity != verdict.Identity))
            return;
        if (verdict.ReplacesIdentity)
        {
            if (!string.Equals(verdict.Identity.UserId, peer.Principal, StringComparison.Ordinal))
            {
                Dismiss(peer, CloseCode.Forbidden, "The new token belongs to somebody else.");
                return;
            }

            peer.Identity = verdict.Identity;
        }

        if (verdict.Rights == DocumentRights.None)
        {
            Dismiss(peer, CloseCode.Forbidden, "Your right to read this document was revoked.");
            return;
        }

        bool mayWriteNow = peer.Rights < DocumentRights.Write && verdict.Rights == DocumentRights.Write;
        bool changed = peer.Rights != verdict.Rights;
        if (changed)
            LogRightsChanged(Name, peer.Id, verdict.Rights);
        peer.Rights = verdict.Rights;
        if (verdict.ReplacesIdentity || changed)
            peer.TellRights(_now);
        if (mayWriteNow)
            SendStep1(peer, solicited: false); // what it typed while it might not was not kept: it still has that, and may send it now
    }

    private void DismissExpired()
    {
        for (int i = _peers.Count - 1; i >= 0; i--)
        {
            if (!DismissIfExpired(_peers[i]))
                AskBeforeExpiry(_peers[i]);
        }
    }

    private void AskBeforeExpiry(Peer peer)
    {
        if (peer.Identity is not { } identity || !identity.HasExpired(_context.Time, AskBefore) || peer.AskedForTokenBefore == identity.Expires)
            return;
        peer.AskedForTokenBefore = identity.Expires; // once: a client that has nothing better sends the same token again
        peer.AskForToken(_now);
    }

    /// <summary>Closes a peer whose token has expired. Looked at when it writes too, since a busy room may miss a tick.</summary>
    private bool DismissIfExpired(Peer peer)
    {
        if (peer.Identity is not { } identity || !identity.HasExpired(_context.Time))
            return false;
        Dismiss(peer, CloseCode.Unauthorized, "The token has expired.");
        return true;
    }

    private void Dismiss(Peer peer, int code, string reason)
    {
        LogDismissed(Name, peer.Id, code, reason);
        _context.Metrics.AddRejection(code);
        peer.Close(code, reason);
        OnLeave(peer);
    }

    [LoggerMessage(EventIds.RightsChanged, LogLevel.Information, "Peer {Peer} of {Document} has the rights {Rights} now.")]
    private partial void LogRightsChanged(LogText document, long peer, DocumentRights rights);

    [LoggerMessage(EventIds.PeerDismissed, LogLevel.Information, "Peer {Peer} of {Document} is closed with {Code}: {Reason}")]
    private partial void LogDismissed(LogText document, long peer, int code, LogText reason);
}
