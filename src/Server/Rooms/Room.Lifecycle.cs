using System.Diagnostics;
using CoEdit.Crdt;
using CoEdit.Persistence;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <content>From loading to the end: commits, time, folding, deletion, failure, unloading.</content>
internal sealed partial class Room
{
    private async Task LoadAsync()
    {
        using Activity? activity = CoEditActivities.Start("coedit.load", Name, _opener);
        long started = _context.Time.GetTimestamp();
        LoadedDocument loaded = await _context.Log.LoadAsync(Name, CancellationToken.None);
        long bytes = 0;
        foreach (ReadOnlyMemory<byte> update in loaded.Updates)
        {
            _store.Apply(update.Span, UpdateSource.Trusted);
            bytes += update.Length;
        }

        _log = loaded.Log;
        _log.Committed = OnCommitted;
        if (!_log.Tombstone.IsEmpty)
            _tombstone = StateVector.Decode(_log.Tombstone.Span);
        _durableVector = _store.EncodeStateVector();
        _emptySince = _context.NowMs;
        PublishSizes();
        _context.Metrics.AddLoad(_context.Time.GetElapsedTime(started));
        activity?.SetTag("coedit.updates", loaded.Updates.Count);
        _context.Registry.LoadSucceeded(Name);
        _context.Lifecycle.Publish(new RoomOpened(Name, loaded.Updates.Count, bytes));
    }

    private void OnCommitted(DocumentLog log)
    {
        // Writer thread. A full inbox loses the wake-up, but then the loop is awake and looks at the ticket itself.
        if (log.DurableTicket >= Volatile.Read(ref _wakeAtTicket))
            _inbox.Writer.TryWrite(new RoomMessage(RoomMessageKind.Committed));
    }

    private void ReleaseCommitted()
    {
        do
        {
            _gate.Release(_log.DurableTicket, _now);
            long next = _stopping ? Math.Min(_gate.NextTicket, _log.EnqueuedTicket) : _gate.NextTicket;
            Interlocked.Exchange(ref _wakeAtTicket, next);
        }
        while (_gate.NextTicket <= _log.DurableTicket); // a commit before the exchange is seen here, one after it wakes the loop

        CloseIfDone();
    }

    private void OnTick()
    {
        PublishSizes();
        DismissExpired();
        _implied.Expire(_now);
        _gate.Expire(_now);
        if (_awareness.Expire(_now) is { } expired)
            BroadcastPresence(expired);
        if (_awareness.TakeNudgeRound(_now))
            Nudge(except: null);
        foreach (Peer peer in _peers)
        {
            // A stock client reconnects after 30 s without any message; pings do not count for it.
            if (_now - peer.Outbox.LastEnqueued >= KeepAliveAfterMs)
                peer.KeepAlive(_now);
        }

        _firstSync.Forget(_now);
        AskForMissing();
        FoldIfWorthwhile();
        CloseIfDone();
    }

    private void FoldIfWorthwhile()
    {
        RoomsSection rooms = _context.Options.Rooms;
        bool full = _log.LogRows > rooms.FoldRows || _log.LogBytes > Math.Max(rooms.FoldBytes, _log.SnapshotBytes / 2);
        if (full && !_stopping && _now >= _foldNotBefore)
            StartFold();
    }

    private void StartFold()
    {
        if (_folding)
            return;
        _folding = true;
        long through = _log.CommittedSequence; // read first: the state may hold more than the log rows it replaces, never less
        _context.Folder.Enqueue(new FoldJob(this, _log, _store.EncodeState(), _store.EncodeStateVector(), through, _version));
    }

    private void OnFolded(FoldOutcome outcome)
    {
        _folding = false;
        if (outcome.Error is null)
        {
            // The folder decoded and compacted a copy; if nothing came in meanwhile, that copy is this document, only smaller.
            if (outcome.Version == _version && outcome.Compacted is { } compacted)
                _store = compacted;
        }
        else
        {
            _foldNotBefore = _now + 60_000;
            LogFoldFailed(outcome.Error, Name);
        }

        CloseIfDone();
    }

    private void OnReadState(TaskCompletionSource<DocumentState> reply)
    {
        var state = new DocumentState(!_store.IsEmpty, _store.EncodeState(), _peers.Count);
        if (_log.DurableTicket >= _log.EnqueuedTicket)
            reply.TrySetResult(state);
        else
            _gate.Hold(_log.EnqueuedTicket, () => reply.TrySetResult(state));
    }

    private async ValueTask OnDeleteAsync(TaskCompletionSource<bool> reply)
    {
        if (_store.IsEmpty)
        {
            reply.TrySetResult(false);
            return;
        }

        StateVector tombstone = _tombstone.Clone();
        _structs.Clear();
        UpdateInfo.ReadRanges(_store.EncodeState(), _structs, _deletes);
        foreach (ClockRange range in _structs)
            tombstone[range.Client] = Math.Max(tombstone[range.Client], range.End);
        try
        {
            await _context.Log.DeleteAsync(_log, tombstone.ToArray(), CancellationToken.None);
        }
        catch (StorageException exception)
        {
            reply.TrySetException(exception);
            return;
        }

        CloseAllPeers(CloseCode.DocumentDeleted, "This document was deleted.");
        _context.Lifecycle.Publish(new DocumentDeleted(Name));
        _closed = true;
        _context.Registry.Remove(this); // before the answer: whoever opens the name from now on gets the next epoch
        reply.TrySetResult(true);
    }

    /// <summary>Closes the room once it has no reason to stay: empty, idle, committed, and folded if that is worthwhile.</summary>
    private void CloseIfDone()
    {
        if (_closed || _log.DurableTicket < _log.EnqueuedTicket)
            return;
        if (_stopping) // a fold under way is not waited for: without it the log is as good
        {
            CloseAllPeers(CloseCode.ServiceRestart, "The server is restarting.");
            _closed = true;
            return;
        }

        if (_folding || _peers.Count > 0 || _now - _emptySince < (long)_context.Options.Rooms.IdleUnload.TotalMilliseconds)
            return;
        if (_log.LogRows > _context.Options.Rooms.FoldRowsOnUnload && _now >= _foldNotBefore)
            StartFold();
        else if (_gate.Count == 0)
            _closed = true;
    }

    private void CloseAllPeers(int code, string reason)
    {
        foreach (Peer peer in _peers.ToArray())
        {
            peer.Close(code, reason);
            Forget(peer);
        }
    }

    private async Task FailAsync(Exception exception)
    {
        bool loaded = _log is not null;
        if (loaded)
            LogRoomFailed(exception, Name);
        else
            LogLoadFailed(exception, Name);
        string error = loaded ? "The document had an internal error and is being reloaded."
            : exception is CorruptDocumentException or StorageException ? exception.Message
            : "The document could not be loaded.";
        if (!loaded)
            _context.Registry.LoadFailed(Name, error);
        CloseAllPeers(CloseCode.TryAgainLater, "The document is not available now.");
        _closed = true;
        RefuseWaiting(error);
        // What was accepted before the failure is in the log's queue and must be committed before the next room reads it.
        while (loaded && _log!.DurableTicket < _log.EnqueuedTicket)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _context.Time);
    }

    /// <summary>Nobody can reach the room any more: out of the registry first, then answer whoever is still in the inbox.</summary>
    private void LeaveRegistry()
    {
        PublishCounts();
        _context.Registry.Remove(this);
        _inbox.Writer.TryComplete();
        RefuseWaiting(null);
        if (_log is not null)
        {
            _log.Committed = null;
            _context.Lifecycle.Publish(new RoomClosed(Name));
        }
    }

    private void RefuseWaiting(string? error)
    {
        while (_inbox.Reader.TryRead(out RoomMessage message))
        {
            if (message.Kind == RoomMessageKind.Drained)
                message.Peer!.Outbox.EndDrain();
            switch (message.Reply)
            {
                case TaskCompletionSource<JoinResult> join:
                    join.TrySetResult(error is null ? new JoinResult(JoinOutcome.RoomClosed) : new JoinResult(JoinOutcome.LoadFailed, error));
                    break;
                case StatelessDelivery delivery:
                    delivery.Reached.TrySetResult(0);
                    break;
                case TaskCompletionSource<DocumentState> read:
                    read.TrySetException(new RoomUnavailableException(Name, error));
                    break;
                case TaskCompletionSource<IReadOnlyList<HeldRights>> rights:
                    rights.TrySetResult([]);
                    break;
                case TaskCompletionSource<IReadOnlyList<PeerInfo>> peers:
                    peers.TrySetResult([]);
                    break;
                case KickOrder order:
                    order.Done.TrySetResult(false);
                    break;
                case TaskCompletionSource<bool> delete:
                    delete.TrySetException(new RoomUnavailableException(Name, error));
                    break;
            }
        }
    }

    [LoggerMessage(EventIds.LoadFailed, LogLevel.Error, "Document {Document} could not be loaded; it stays as it is on disk.")]
    private partial void LogLoadFailed(Exception exception, LogText document);

    [LoggerMessage(EventIds.RoomFailed, LogLevel.Critical, "Room {Document} failed and is reloaded from the log.")]
    private partial void LogRoomFailed(Exception exception, LogText document);

    [LoggerMessage(EventIds.FoldFailed, LogLevel.Error, "Document {Document} could not be folded; its log is untouched.")]
    private partial void LogFoldFailed(Exception exception, LogText document);
}
