using System.Buffers;
using System.Globalization;
using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <content>Peers: joining, leaving, synchronising, and getting frames to all of them.</content>
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

        peer.Awareness = _awareness.Join(AwarenessIdentityOf(peer));
        peer.Room = this;
        peer.Since = _context.Time.GetUtcNow();
        _peers.Add(peer);
        Volatile.Write(ref _peerCount, _peers.Count);
        reply.TrySetResult(new JoinResult(JoinOutcome.Joined));
        peer.Greet(_log.Epoch.ToString(CultureInfo.InvariantCulture), _now);
        if (peer.IsAskedOnJoin)
            SendStep1(peer, solicited: true);
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
            BroadcastPresence(removal);
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
        peer.LatePresence = null;
        peer.Awareness = null;
        _context.Lifecycle.Publish(new PeerLeft(Name, peer.Id));
        return removal;
    }

    /// <summary>
    /// Our question, which is also an acknowledgement: the peer will not send again what the vector covers. So it waits until
    /// everything in it is durable; if that takes too long, an older vector that is durable already does as well (spec LOG4).
    /// </summary>
    /// <param name="peer">Whom to ask.</param>
    /// <param name="solicited">The peer expects to be asked; the answer is acknowledged to those that count (docs/protocol.md).</param>
    private void SendStep1(Peer peer, bool solicited)
    {
        byte[] vector = _store.EncodeStateVector();
        if (_log.DurableTicket >= _log.EnqueuedTicket)
        {
            Ask(vector, isDurable: true);
            return;
        }

        _gate.Hold(
            _log.EnqueuedTicket,
            () => Ask(vector, isDurable: true),
            _now + DurableVectorPatienceMs,
            () => Ask(_durableVector, isDurable: false));

        void Ask(byte[] known, bool isDurable)
        {
            if (isDurable)
                _durableVector = known;
            if (peer.Awareness is null)
                return; // left while the question waited
            peer.OnAsked(solicited);
            Deliver(peer, SyncProtocol.Step1(known));
        }
    }

    private void OnStep1(Peer peer, StateVector theirs, bool asksBack)
    {
        if (asksBack)
            SendStep1(peer, solicited: true);
        if (peer.Debt is { } debt)
        {
            debt.Ask(theirs);
            return;
        }

        if (_store.EstimateDiff(theirs) > _context.Options.Limits.SyncPartBytes)
        {
            peer.Debt = new ResyncDebt { Known = theirs, Step2 = true, ShownAtFirst = _awareness.States };
            peer.Outbox.ReportDrained(peer);
            return;
        }

        byte[] step2 = theirs.Count == 0 ? _firstSync.Step2Of(_store, _version, _now) : EncodeStep2(theirs);
        WhenVisible(() => Deliver(peer, step2));
    }

    private byte[] EncodeStep2(StateVector known)
    {
        var diff = new ArrayBufferWriter<byte>();
        _store.EncodeDiff(known, diff);
        return SyncProtocol.Step2(diff.WrittenSpan);
    }

    /// <summary>Sends what shows the document as it is now: at once, or (CommitFirst) when all of it is on disk.</summary>
    private void WhenVisible(Action send)
    {
        if (_context.Options.Durability == Durability.CommitFirst && _log.DurableTicket < _log.EnqueuedTicket)
            _gate.Hold(_log.EnqueuedTicket, send);
        else
            send();
    }

    /// <summary>After every accepted update: does something wait for what has not arrived?</summary>
    private void NoteDivergence(Peer sender)
    {
        if (!_store.HasPending && !_divergence.IsWatching)
            return;
        _divergence.Note(_store, sender.Id, _now);
        PublishSizes();
    }

    /// <summary>Asks for what has been missing for a while: first whoever sent what hangs on it, then everybody (spec SYN8).</summary>
    private void AskForMissing()
    {
        switch (_divergence.Check(_now, out long suspect))
        {
            case DivergenceWatch.Step.AskSender when _peers.Find(peer => peer.Id == suspect) is { } sender:
                LogMissing(Name, sender.Id, _store.PendingStructs);
                _context.Metrics.AddResyncs(1);
                SendStep1(sender, solicited: false);
                break;
            case DivergenceWatch.Step.AskSender or DivergenceWatch.Step.AskEverybody:
                LogMissingLong(Name, _store.PendingStructs);
                _context.Metrics.AddResyncs(_peers.Count);
                foreach (Peer peer in _peers)
                    SendStep1(peer, solicited: false);
                break;
        }
    }

    private void AskAgain(Peer peer)
    {
        // What a peer sent hangs on too much that is missing; its whole state may close the gap. Once in a while, not in a loop.
        RefuseWrite(peer, "Too much of what this depends on is missing.");
        _context.Metrics.AddRejection(Rejection.Pending);
        if (peer.AskedAgainAt is { } at && _now - at < ResyncPauseMs)
            return;
        peer.AskedAgainAt = _now;
        LogResync(Name, peer.Id);
        _context.Metrics.AddResyncs(1);
        SendStep1(peer, solicited: _write != 0); // the answer stands for the refused write
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
            // Updates are part of the diff that is owed. The rest goes between its parts, if there is room.
            if (YWebSocketFrame.Read(frame).Kind is FrameKind.SyncStep2 or FrameKind.Update || !peer.Outbox.TryEnqueue(WireFrame(peer, frame), peer, _now))
                debt.Add(frame, _structs);
            return;
        }

        if (peer.Outbox.TryEnqueue(WireFrame(peer, frame), peer, _now))
            return;
        peer.Debt = debt = new ResyncDebt { Known = _store.GetStateVector(), ShownAtFirst = _awareness.States };
        foreach (byte[] dropped in peer.Outbox.DropAll(peer))
            debt.Add(dropped.AsSpan(peer.PrefixLength), _structs);
        debt.Add(frame, _structs);
        LogLagging(Name, peer.Id);
        _context.Metrics.AddOutboxDrop();
    }

    private byte[] WireFrame(Peer peer, byte[] frame)
    {
        if (_wiredFrame != frame || !peer.SharesWireWith(_wiredFor!))
        {
            byte[] wired = peer.ToWire(frame);
            if (wired == frame)
                return frame; // already in its form: nothing to remember, and what is remembered stays
            _wiredBytes = wired;
            _wiredFrame = frame;
            _wiredFor = peer;
        }

        return _wiredBytes;
    }

    private void OnDrained(Peer peer)
    {
        CatchUpOnPresence(peer);
        if (peer.Awareness is null || peer.Debt is not { } debt)
            return;
        // One part at a time, and the next when this one has left: a large document blocks neither its room nor its socket.
        byte[] part = NextPart(debt, out bool last);
        if (last)
            peer.Debt = null;
        WhenVisible(() =>
        {
            if (peer.Awareness is null)
                return; // left meanwhile
            peer.Outbox.EnqueuePart(WireFrame(peer, part), _now); // not to be dropped: the cursor is past it
            if (!last)
                peer.Outbox.ReportDrained(peer);
        });
        for (int i = debt.TakeStep1s(); i > 0; i--)
            Deliver(peer, SyncProtocol.Step1(_durableVector));
        if (debt.TakeShown() is { } shown && _awareness.EncodeAll(shown) is { } states)
            Deliver(peer, SyncProtocol.Awareness(states));
    }

    private byte[] NextPart(ResyncDebt debt, out bool last)
    {
        int size = _context.Options.Limits.SyncPartBytes;
        if (debt.Cursor is null && debt.Known.Count == 0)
        {
            debt.Row ??= _firstSync.Row(_now);
            if (debt.Row.Part(_store, debt.RowParts, size) is { } shared)
            {
                debt.RowParts++;
                last = false;
                return shared;
            }
        }

        debt.Cursor ??= debt.Row?.Behind() ?? new DiffCursor(debt.Known);
        var part = new ArrayBufferWriter<byte>();
        last = _store.WritePart(debt.Cursor, size, part);
        return last && debt.Step2 ? SyncProtocol.Step2(part.WrittenSpan) : SyncProtocol.Update(part.WrittenSpan);
    }

    private void Refuse(Peer peer, int code, string reason)
    {
        LogRefused(Name, peer.Id, code, reason);
        _context.Metrics.AddRejection(code);
        RefuseWrite(peer, reason);
        peer.Close(code, reason);
        OnLeave(peer);
    }

    private void RefuseWrite(Peer peer, string reason)
    {
        if (_write != 0)
            peer.RefuseWrite(_write, reason, _now);
    }

    [LoggerMessage(EventIds.PeerRefused, LogLevel.Warning, "Peer {Peer} of {Document} is closed with {Code}: {Reason}")]
    private partial void LogRefused(LogText document, long peer, int code, LogText reason);

    [LoggerMessage(EventIds.ForkRefused, LogLevel.Warning,
        "Peer {Peer} of {Document} holds other content for client {Client} at clock {Clock} than the document; its update is refused.")]
    private partial void LogFork(LogText document, long peer, ulong client, uint clock);

    [LoggerMessage(EventIds.MissingAsked, LogLevel.Information, "Document {Document} waits for structs; peer {Peer} is asked for them. {Structs} structs hang on them.")]
    private partial void LogMissing(LogText document, long peer, int structs);

    [LoggerMessage(EventIds.MissingAskedAll, LogLevel.Warning, "Document {Document} still waits for structs; every peer is asked. {Structs} structs hang on them.")]
    private partial void LogMissingLong(LogText document, int structs);

    [LoggerMessage(EventIds.PeerLagging, LogLevel.Information, "Peer {Peer} of {Document} lags; its queue is replaced by one diff.")]
    private partial void LogLagging(LogText document, long peer);

    [LoggerMessage(EventIds.ResyncAsked, LogLevel.Information, "Peer {Peer} of {Document} is asked for its whole state; too much is missing.")]
    private partial void LogResync(LogText document, long peer);
}
