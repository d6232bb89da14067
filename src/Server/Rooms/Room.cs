using System.Threading.Channels;
using CoEdit.Crdt;
using CoEdit.Persistence;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>A document that is open in memory, with its peers: one loop that alone touches all of its state.</summary>
/// <remarks>
/// <para>
/// Everybody else posts a <see cref="RoomMessage"/>. The loop never waits for a peer (outboxes are bounded and refuse), so back-pressure
/// runs one way: disk, room, the peers' reads. It waits for its next message, for its document to load, and for a deletion.
/// </para>
/// <para>
/// The room of a name is closed only when it has no peers and everything it accepted is committed, and it leaves the registry before
/// anybody can open the next room of that name (spec ROM1-ROM4).
/// </para>
/// </remarks>
internal sealed partial class Room
{
    private const int InboxCapacity = 512;
    private const int DurableVectorPatienceMs = 1_000;
    private const int KeepAliveAfterMs = 20_000;
    private const int ResyncPauseMs = 5_000;

    private readonly RoomContext _context;
    private readonly ILogger _logger;
    private readonly Channel<RoomMessage> _inbox = Channel.CreateBounded<RoomMessage>(
        new BoundedChannelOptions(InboxCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    // Touched only by the loop.
    private readonly List<Peer> _peers = [];
    private readonly CommitGate _gate = new();
    private readonly AwarenessTable _awareness;
    private readonly List<ClockRange> _structs = [];
    private readonly List<ClockRange> _deletes = [];
    private UpdateStore _store;
    private DocumentLog _log = null!;      // set before the first message is handled
    private StateVector _tombstone = new();
    private byte[] _durableVector = [0];   // a state vector known to be on disk; the fallback of a slow barrier
    private long _version;                 // counts applied updates, so that a fold knows whether the store moved on
    private long _emptySince;
    private bool _folding;
    private long _foldNotBefore;
    private bool _stopping;
    private bool _closed;

    private long _now;                     // monotonic milliseconds at the message in hand

    // Read by the log's writer thread: the ticket a held message waits for.
    private long _wakeAtTicket = long.MaxValue;

    // Read by anybody, written by the loop.
    private int _peerCount;

    public Room(string name, RoomContext context)
    {
        Name = name;
        _context = context;
        _logger = context.Logger;
        _store = context.CreateStore();
        _awareness = new AwarenessTable(context.AwarenessOptions);
    }

    public string Name { get; }

    /// <summary>Peers at this moment. Any thread.</summary>
    public int PeerCount => Volatile.Read(ref _peerCount);

    /// <summary>The loop; it ends when the room is closed and out of the registry.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts loading. Called once, by the registry.</summary>
    public void Start() => Completion = Task.Run(RunAsync);

    /// <summary>Posts a message, waiting while the inbox is full. False: the room is closed and the message is not handled.</summary>
    public async ValueTask<bool> PostAsync(RoomMessage message, CancellationToken cancellationToken)
    {
        while (!_inbox.Writer.TryWrite(message))
        {
            if (!await _inbox.Writer.WaitToWriteAsync(cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>Posts a message that may be lost when the room is busy or closed: a tick, a wake-up.</summary>
    public void TryPost(RoomMessage message) => _inbox.Writer.TryWrite(message);

    private async Task RunAsync()
    {
        try
        {
            await LoadAsync();
            while (!_closed && await _inbox.Reader.WaitToReadAsync())
            {
                while (!_closed && _inbox.Reader.TryRead(out RoomMessage message))
                    await HandleAsync(message);
                if (!_closed)
                    ReleaseCommitted();
            }
        }
#pragma warning disable CA1031 // A broken invariant of ours stops this room loudly; peers come back to one that is read from the log.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailAsync(exception);
        }

        LeaveRegistry();
    }

    private async Task LoadAsync()
    {
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
        _context.Registry.LoadSucceeded(Name);
        _context.Lifecycle.Publish(new RoomOpened(Name, loaded.Updates.Count, bytes));
    }

    private ValueTask HandleAsync(RoomMessage message)
    {
        _now = _context.NowMs;
        switch (message.Kind)
        {
            case RoomMessageKind.Frame:
                // A peer that the room has let go of is not heard any more; nor is anybody once the server stops: it will send again.
                if (message.Peer!.Awareness is not null && !_stopping)
                    OnFrame(message.Peer, message.Frame!);
                break;
            case RoomMessageKind.Join:
                OnJoin(message.Peer!, (TaskCompletionSource<JoinResult>)message.Reply!);
                break;
            case RoomMessageKind.Leave:
                OnLeave(message.Peer!);
                break;
            case RoomMessageKind.Drained:
                OnDrained(message.Peer!);
                break;
            case RoomMessageKind.Tick:
                OnTick();
                break;
            case RoomMessageKind.Committed:
                break; // the loop releases after every burst
            case RoomMessageKind.ReadState:
                OnReadState((TaskCompletionSource<DocumentState>)message.Reply!);
                break;
            case RoomMessageKind.Folded:
                OnFolded((FoldOutcome)message.Reply!);
                break;
            case RoomMessageKind.Delete:
                return OnDeleteAsync((TaskCompletionSource<bool>)message.Reply!);
            case RoomMessageKind.Shutdown:
                _stopping = true;
                CloseIfDone();
                break;
        }

        return ValueTask.CompletedTask;
    }

    // ---- an update's way: 1 apply, 2 append, 3 broadcast -------------------------------------------------------------------------------

    private void OnFrame(Peer peer, byte[] frame)
    {
        YWebSocketFrame message;
        try
        {
            message = YWebSocketFrame.Read(frame);
        }
        catch (MalformedUpdateException exception)
        {
            Refuse(peer, CloseCode.ProtocolError, exception.Message);
            return;
        }

        try
        {
            switch (message.Kind)
            {
                case FrameKind.SyncStep1:
                    OnStep1(peer, StateVector.Decode(message.Payload));
                    break;
                case FrameKind.SyncStep2 or FrameKind.Update:
                    OnUpdate(peer, frame, message);
                    break;
                case FrameKind.Awareness:
                    OnAwareness(peer, message.Payload);
                    break;
                case FrameKind.QueryAwareness:
                    if (_awareness.EncodeAll() is { } states)
                        Deliver(peer, SyncProtocol.Awareness(states));
                    break;
                case FrameKind.Auth or FrameKind.Unknown:
                    break; // docs/protocol.md: ignored
            }
        }
        catch (MalformedUpdateException exception)
        {
            Refuse(peer, CloseCode.MalformedPayload, exception.Message);
        }
        catch (UpdateLimitException exception) when (exception.Limit == UpdateLimit.Pending)
        {
            AskAgain(peer);
        }
        catch (UpdateLimitException exception)
        {
            Refuse(peer, CloseCode.LimitExceeded, exception.Message);
        }
    }

    private void OnUpdate(Peer peer, byte[] frame, YWebSocketFrame message)
    {
        ReadOnlySpan<byte> update = message.Payload;
        if (!_context.Log.IsAccepting)
        {
            Refuse(peer, CloseCode.TryAgainLater, "Storage is not keeping up; nothing was lost, try again.");
            return;
        }

        if (_tombstone.Count > 0 && IsFromDeletedPast(update))
        {
            Refuse(peer, CloseCode.DocumentDeleted, "This document was deleted.");
            return;
        }

        // 1. Apply: all of it, or nothing and an exception.
        ApplyResult result = _store.Apply(update);
        if (result.Outcome == ApplyOutcome.Nothing)
            return;
        _version++;

        // 2. Append before broadcast: whatever a peer derives from what it sees is queued behind this and cannot be durable without it.
        byte[] relay = RelayFrame(frame, message, result, out int offset);
        long ticket = _context.Log.Append(_log, relay.AsMemory(offset), peer.Principal);

        // 3. Broadcast the same bytes to everybody else, now or (CommitFirst) when they are on disk.
        if (_context.Options.Durability == Durability.CommitFirst)
            _gate.Hold(ticket, () => Broadcast(relay, peer));
        else
            Broadcast(relay, peer);
    }

    /// <summary>The frame that peers get: the received one where possible, only its new part where most of it was known.</summary>
    private byte[] RelayFrame(byte[] frame, YWebSocketFrame message, ApplyResult result, out int payloadOffset)
    {
        if (result.Outcome == ApplyOutcome.Partial && result.NovelBytes < message.Payload.Length / 2)
        {
            var novel = new System.Buffers.ArrayBufferWriter<byte>(result.NovelBytes + 32);
            _store.EncodeNovelPart(novel);
            return Reframe(novel.WrittenSpan, out payloadOffset);
        }

        if (!message.IsCanonical)
            return Reframe(message.Payload, out payloadOffset);
        if (message.Kind == FrameKind.SyncStep2)
            SyncProtocol.RetagAsUpdate(frame);
        payloadOffset = message.PayloadOffset;
        return frame;
    }

    private static byte[] Reframe(ReadOnlySpan<byte> update, out int payloadOffset)
    {
        byte[] frame = SyncProtocol.Update(update);
        payloadOffset = frame.Length - update.Length;
        return frame;
    }

    private bool IsFromDeletedPast(ReadOnlySpan<byte> update)
    {
        _structs.Clear();
        _deletes.Clear();
        UpdateInfo.ReadRanges(update, _structs, _deletes);
        foreach (ClockRange range in _structs)
        {
            if (_tombstone[range.Client] > 0)
                return true;
        }

        return false;
    }

    // ---- sync and presence -------------------------------------------------------------------------------------------------------------

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

    // ---- delivery ----------------------------------------------------------------------------------------------------------------------

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

    // ---- commits, time, folding --------------------------------------------------------------------------------------------------------

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
            _gate.Release(_log.DurableTicket);
            long next = _stopping ? Math.Min(_gate.NextTicket, _log.EnqueuedTicket) : _gate.NextTicket;
            Interlocked.Exchange(ref _wakeAtTicket, next);
        }
        while (_gate.NextTicket <= _log.DurableTicket); // a commit before the exchange is seen here, one after it wakes the loop

        CloseIfDone();
    }

    private void OnTick()
    {
        _gate.Expire(_now);
        if (_awareness.Expire(_now) is { } expired)
            Broadcast(SyncProtocol.Awareness(expired), except: null);
        if (_awareness.TakeNudgeRound(_now))
            Nudge(except: null);
        foreach (Peer peer in _peers)
        {
            // A stock client reconnects after 30 s without any message; pings do not count for it.
            if (_now - peer.Outbox.LastEnqueued >= KeepAliveAfterMs)
                peer.Outbox.TryEnqueue(Outbox.KeepAlive, _now);
        }

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

    // ---- ends --------------------------------------------------------------------------------------------------------------------------

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
        if (_closed || _folding || _log.DurableTicket < _log.EnqueuedTicket)
            return;
        if (_stopping)
        {
            CloseAllPeers(CloseCode.ServiceRestart, "The server is restarting.");
            _closed = true;
            return;
        }

        if (_peers.Count > 0 || _now - _emptySince < (long)_context.Options.Rooms.IdleUnload.TotalMilliseconds)
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
            switch (message.Reply)
            {
                case TaskCompletionSource<JoinResult> join:
                    join.TrySetResult(error is null ? new JoinResult(JoinOutcome.RoomClosed) : new JoinResult(JoinOutcome.LoadFailed, error));
                    break;
                case TaskCompletionSource<DocumentState> read:
                    read.TrySetException(new RoomUnavailableException(Name, error));
                    break;
                case TaskCompletionSource<bool> delete:
                    delete.TrySetException(new RoomUnavailableException(Name, error));
                    break;
            }
        }
    }

    [LoggerMessage(EventIds.LoadFailed, LogLevel.Error, "Document {Document} could not be loaded; it stays as it is on disk.")]
    private partial void LogLoadFailed(Exception exception, string document);

    [LoggerMessage(EventIds.RoomFailed, LogLevel.Critical, "Room {Document} failed and is reloaded from the log.")]
    private partial void LogRoomFailed(Exception exception, string document);

    [LoggerMessage(EventIds.FoldFailed, LogLevel.Error, "Document {Document} could not be folded; its log is untouched.")]
    private partial void LogFoldFailed(Exception exception, string document);

    [LoggerMessage(EventIds.PeerRefused, LogLevel.Warning, "Peer {Peer} of {Document} is closed with {Code}: {Reason}")]
    private partial void LogRefused(string document, long peer, int code, string reason);

    [LoggerMessage(EventIds.PeerLagging, LogLevel.Information, "Peer {Peer} of {Document} lags; its queue is replaced by one diff.")]
    private partial void LogLagging(string document, long peer);

    [LoggerMessage(EventIds.ResyncAsked, LogLevel.Information, "Peer {Peer} of {Document} is asked for its whole state; too much is missing.")]
    private partial void LogResync(string document, long peer);
}
