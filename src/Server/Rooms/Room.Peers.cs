using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <content>Peers: joining, leaving, synchronising, presence, and getting frames to all of them.</content>
internal sealed partial class Room
{
    private void OnJoin(Peer peer, TaskCompletionSource<JoinResult> reply)
    {
        if (_stopping)
        {
            reply.TrySetResult(new JoinResult(JoinOutcome.ShuttingDown));
            return;
        }

        if (_peers.Count >= _context.Options.Limits.MaxPeersPerRoom)
        {
            reply.TrySetResult(new JoinResult(JoinOutcome.Full, $"The room has {_peers.Count} peers, which is its limit."));
            return;
        }

        peer.Awareness = _awareness.Join();
        _peers.Add(peer);
        Volatile.Write(ref _peerCount, _peers.Count);
        reply.TrySetResult(new JoinResult(JoinOutcome.Joined));
        SendStep1(peer);
        if (_awareness.EncodeAll() is { } states)
            Deliver(peer, SyncProtocol.Awareness(states));
        _context.Lifecycle.Publish(new PeerJoined(Name, peer.Id, peer.Principal));
    }

    private void OnLeave(Peer peer)
    {
        if (peer.Awareness is null)
            return;
        byte[]? removal = Forget(peer);
        if (removal is not null)
            Broadcast(SyncProtocol.Awareness(removal), except: null);
        CloseIfDone();
    }

    /// <summary>Takes a peer out of the room and returns the presence update that tells the others, if there is any.</summary>
    private byte[]? Forget(Peer peer)
    {
        _peers.Remove(peer);
        Volatile.Write(ref _peerCount, _peers.Count);
        byte[]? removal = _awareness.Leave(peer.Awareness!, _now);
        if (_peers.Count == 0)
            _emptySince = _now;
        peer.Debt = null;
        peer.Awareness = null;
        _context.Lifecycle.Publish(new PeerLeft(Name, peer.Id));
        return removal;
    }

    /// <summary>
    /// Our question, which is also an acknowledgement: the peer will not send again what the vector covers. So it waits until
    /// everything in it is durable; if that takes too long, an older vector that is durable already does as well (spec LOG4).
    /// </summary>
    private void SendStep1(Peer peer)
    {
        byte[] vector = _store.EncodeStateVector();
        if (_log.DurableTicket >= _log.EnqueuedTicket)
        {
            _durableVector = vector;
            Deliver(peer, SyncProtocol.Step1(vector));
            return;
        }

        _gate.Hold(
            _log.EnqueuedTicket,
            () =>
            {
                _durableVector = vector;
                Deliver(peer, SyncProtocol.Step1(vector));
            },
            _now + DurableVectorPatienceMs,
            () => Deliver(peer, SyncProtocol.Step1(_durableVector)));
    }

    private void OnStep1(Peer peer, StateVector theirs)
    {
        if (peer.Debt is { } debt)
        {
            debt.Ask(theirs);
            return;
        }

        var diff = new System.Buffers.ArrayBufferWriter<byte>();
        _store.EncodeDiff(theirs, diff);
        byte[] step2 = SyncProtocol.Step2(diff.WrittenSpan);
        if (_context.Options.Durability == Durability.CommitFirst && _log.DurableTicket < _log.EnqueuedTicket)
            _gate.Hold(_log.EnqueuedTicket, () => Deliver(peer, step2));
        else
            Deliver(peer, step2);
    }

    private void OnAwareness(Peer peer, ReadOnlySpan<byte> update)
    {
        AwarenessEffects effects = _awareness.Apply(peer.Awareness!, update, _now);
        if (effects.Relay is { } relay)
            Broadcast(SyncProtocol.Awareness(relay), except: null); // the sender too: its own echo keeps a stock client from reconnecting
        if (effects.NudgeSender is { } nudge)
            Deliver(peer, SyncProtocol.Awareness(nudge));
        if (effects.NudgeOthers)
            Nudge(except: peer);
    }

    /// <summary>Makes every client announce itself anew, for somebody who came back and would not believe the old announcements.</summary>
    private void Nudge(Peer? except)
    {
        foreach (Peer peer in _peers)
        {
            if (peer != except && _awareness.EncodeHomeRemoval(peer.Awareness!) is { } removal)
                Deliver(peer, SyncProtocol.Awareness(removal));
        }
    }

    private void AskAgain(Peer peer)
    {
        // What a peer sent hangs on too much that is missing; its whole state may close the gap. Once in a while, not in a loop.
        if (peer.AskedAgainAt is { } at && _now - at < ResyncPauseMs)
            return;
        peer.AskedAgainAt = _now;
        LogResync(Name, peer.Id);
        SendStep1(peer);
    }

    private void Broadcast(byte[] frame, Peer? except)
    {
        foreach (Peer peer in _peers)
        {
            if (peer != except)
                Deliver(peer, frame);
        }
    }

    /// <summary>Hands a frame to a peer's outbox. A full outbox is dropped, and the peer gets one diff when it has drained.</summary>
    private void Deliver(Peer peer, byte[] frame)
    {
        if (peer.Awareness is null)
            return; // left while the frame waited for its commit
        if (peer.Debt is { } debt)
        {
            debt.Add(frame, _structs);
            return;
        }

        if (peer.Outbox.TryEnqueue(frame, _now))
            return;
        peer.Debt = debt = new ResyncDebt { Known = _store.GetStateVector(), ShownAtFirst = _awareness.States };
        foreach (byte[] dropped in peer.Outbox.DropAll())
            debt.Add(dropped, _structs);
        debt.Add(frame, _structs);
        LogLagging(Name, peer.Id);
    }

    private void OnDrained(Peer peer)
    {
        if (peer.Awareness is null || peer.Debt is not { } debt)
            return;
        peer.Debt = null;
        var diff = new System.Buffers.ArrayBufferWriter<byte>();
        _store.EncodeDiff(debt.Known, diff);
        Deliver(peer, debt.Step2 ? SyncProtocol.Step2(diff.WrittenSpan) : SyncProtocol.Update(diff.WrittenSpan));
        if (debt.Step1)
            SendStep1(peer);
        if (debt.Shown is { } shown && _awareness.EncodeAll(shown) is { } states)
            Deliver(peer, SyncProtocol.Awareness(states));
    }

    private void Refuse(Peer peer, int code, string reason)
    {
        LogRefused(Name, peer.Id, code, reason);
        peer.Close(code, reason);
        OnLeave(peer);
    }

    [LoggerMessage(EventIds.PeerRefused, LogLevel.Warning, "Peer {Peer} of {Document} is closed with {Code}: {Reason}")]
    private partial void LogRefused(string document, long peer, int code, string reason);

    [LoggerMessage(EventIds.PeerLagging, LogLevel.Information, "Peer {Peer} of {Document} lags; its queue is replaced by one diff.")]
    private partial void LogLagging(string document, long peer);

    [LoggerMessage(EventIds.ResyncAsked, LogLevel.Information, "Peer {Peer} of {Document} is asked for its whole state; too much is missing.")]
    private partial void LogResync(string document, long peer);
}
