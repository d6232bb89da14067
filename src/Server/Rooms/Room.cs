using System.Diagnostics;
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

    /// <summary>Messages after which what waits for commits gets a look, however busy the room is.</summary>
    private const int BurstSize = 64;
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
    private readonly FirstSync _firstSync = new();
    private readonly DivergenceWatch _divergence = new();
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
    private ActivityContext _opener;       // what made the registry open the room

    private long _now;                     // monotonic milliseconds when the messages in hand were taken up

    private long _write;                   // the number of the write in hand, 0 when it is none or needs no acknowledgement

    // The last frame that was put into the form of another protocol: peers that want the same bytes share them.
    private byte[]? _wiredFrame;
    private byte[] _wiredBytes = [];
    private Peer? _wiredFor;

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
    public void Start()
    {
        _opener = Activity.Current?.Context ?? default;
        using (ExecutionContext.SuppressFlow()) // the loop outlives whatever opened the room and belongs to nobody's request
            Completion = Task.Run(RunAsync);
    }

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
                _now = _context.NowMs;
                for (int i = 0; i < BurstSize && !_closed && _inbox.Reader.TryRead(out RoomMessage message); i++)
                    await HandleAsync(message);
                PublishCounts();
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

    private ValueTask HandleAsync(RoomMessage message)
    {
        switch (message.Kind)
        {
            case RoomMessageKind.Frame:
                // A peer that the room has let go of is not heard any more; nor is anybody once the server stops: it will send again.
                if (message.Peer!.Awareness is not null && !_stopping)
                    OnFrame(message.Peer, message.Frame!);
                break;
            case RoomMessageKind.SyncReply:
                if (message.Peer!.Awareness is not null && !_stopping)
                    OnFrame(message.Peer, message.Frame!, isReply: true);
                break;
            case RoomMessageKind.Stateless:
                OnStateless((StatelessDelivery)message.Reply!);
                break;
            case RoomMessageKind.Join:
                OnJoin(message.Peer!, (TaskCompletionSource<JoinResult>)message.Reply!);
                break;
            case RoomMessageKind.Leave:
                OnLeave(message.Peer!);
                break;
            case RoomMessageKind.Drained:
                OnDrained(message.Peer!);
                message.Peer!.Outbox.EndDrain();
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
            case RoomMessageKind.ListRights:
                OnListRights((TaskCompletionSource<IReadOnlyList<HeldRights>>)message.Reply!);
                break;
            case RoomMessageKind.Rights:
                OnRights(message.Peer!, (NewRights)message.Reply!);
                break;
            case RoomMessageKind.ListPeers:
                OnListPeers((TaskCompletionSource<IReadOnlyList<PeerInfo>>)message.Reply!);
                break;
            case RoomMessageKind.Kick:
                OnKick((KickOrder)message.Reply!);
                break;
            case RoomMessageKind.Shutdown:
                _stopping = true;
                CloseIfDone();
                break;
        }

        return ValueTask.CompletedTask;
    }

    // An update's way: 1 apply, 2 append, 3 broadcast.

    private void OnFrame(Peer peer, byte[] frame, bool isReply = false)
    {
        _write = 0;
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
                    OnStep1(peer, StateVector.Decode(message.Payload), asksBack: !peer.IsAskedOnJoin && !isReply);
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
        catch (ForkedUpdateException exception)
        {
            _context.Metrics.AddFork();
            LogFork(Name, peer.Id, exception.Client, exception.Clock);
            Refuse(peer, CloseCode.Conflict, $"Your copy contradicts the document at client {exception.Client}, clock {exception.Clock}: {exception.Message}");
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
        _updatesReceived++;
        _write = peer.CountWrite(message.Kind);
        if (DismissIfExpired(peer))
            return;
        if (_tombstone.Count > 0 && IsFromDeletedPast(update))
        {
            Refuse(peer, CloseCode.DocumentDeleted, "This document was deleted.");
            return;
        }

        if (peer.Rights < DocumentRights.Write)
        {
            OnReadersUpdate(peer, message.Kind, update);
            return;
        }

        if (!_context.Log.IsAccepting)
        {
            Refuse(peer, CloseCode.TryAgainLater, "Storage is not keeping up; nothing was lost, try again.");
            return;
        }

        // 1. Apply: all of it, or nothing and an exception.
        ApplyResult result = _store.Apply(update);
        if (result.Outcome == ApplyOutcome.Nothing)
        {
            Acknowledge(peer);
            return;
        }

        _version++;
        _updatesApplied++;
        NoteDivergence(peer);

        // 2. Append before broadcast: whatever a peer derives from what it sees is queued behind this and cannot be durable without it.
        byte[] relay = RelayFrame(frame, message, result, out int offset);
        long ticket = _context.Log.Append(_log, relay.AsMemory(offset), peer.Principal);

        // 3. Broadcast the same bytes to everybody else, now or (CommitFirst) when they are on disk.
        if (_context.Options.Durability == Durability.CommitFirst)
            _gate.Hold(ticket, () => Broadcast(relay, peer));
        else
            Broadcast(relay, peer);
        Acknowledge(peer);
    }

    /// <summary>
    /// Tells a peer that its write is safe, once everything accepted so far is on disk: a write that changed nothing may repeat one that
    /// is not yet committed (spec LOG8).
    /// </summary>
    private void Acknowledge(Peer peer)
    {
        if (_write != 0)
            _gate.HoldAcknowledgement(_log.EnqueuedTicket, peer, _write);
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
}
