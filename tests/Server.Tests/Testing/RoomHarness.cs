using CoEdit.Crdt;
using CoEdit.Protocol;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CoEdit.Server.Tests;

/// <summary>Rooms with a log in memory and a manual clock: no sockets, no files.</summary>
internal sealed class RoomHarness : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Folder _folder;
    private long _lastPeer;

    public RoomHarness(Action<CoEditOptions>? configure = null, bool autoCommit = true, ILogger<Room>? logger = null)
    {
        Options = new CoEditOptions();
        configure?.Invoke(Options);
        IOptions<CoEditOptions> options = Microsoft.Extensions.Options.Options.Create(Options);
        Log = new FakeUpdateLog(autoCommit);
        var services = new ServiceCollection();
        services.AddScoped<ServiceFactory>(provider => provider.GetService!);
        services.AddScoped<IMediator, Mediator>();
        Lifecycle = new LifecyclePublisher(
            services.BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), Metrics, NullLogger<LifecyclePublisher>.Instance);
        _folder = new Folder(Log, Lifecycle, Metrics, Time);
        _ = _folder.StartAsync(_stop.Token);
        Context = new RoomContext(options, Log, Lifecycle, _folder, Metrics, Time, logger ?? NullLogger<Room>.Instance);
        Registry = new RoomRegistry(Context);
    }

    public CoEditOptions Options { get; }

    public ManualTimeProvider Time { get; } = new();

    public CoEditMetrics Metrics { get; } = new();

    public FakeUpdateLog Log { get; }

    public LifecyclePublisher Lifecycle { get; }

    public RoomContext Context { get; }

    public RoomRegistry Registry { get; }

    public async Task<TestPeer> JoinAsync(
        string document = "doc", bool acknowledged = false, PeerIdentity? identity = null, DocumentRights rights = DocumentRights.Write)
    {
        var outbox = new Outbox(Options.Limits.OutboxBytes, Options.Limits.OutboxFrames);
        var peer = new TestPeer(new YWebSocketPeer(++_lastPeer, outbox, identity?.UserId, acknowledged) { Identity = identity, Rights = rights });
        (Room? room, JoinResult result) = await Registry.JoinAsync(document, peer.Peer, CancellationToken.None);
        peer.Room = room;
        peer.Result = result;
        return peer;
    }

    /// <summary>Joins as one address of a Hocuspocus socket, which several peers may share.</summary>
    public async Task<TestPeer> JoinHocuspocusAsync(
        string address = "doc", DocumentRights rights = DocumentRights.Write, Outbox? outbox = null, string? version = "4.8.0")
    {
        var seat = new HocuspocusSeat(System.Text.Encoding.UTF8.GetBytes(address), static _ => { }) { Provider = HocuspocusProvider.Of("token", version) };
        outbox ??= new Outbox(Options.Limits.OutboxBytes, Options.Limits.OutboxFrames);
        var peer = new TestPeer(new HocuspocusPeer(++_lastPeer, seat, outbox, null) { Rights = rights });
        (peer.Room, peer.Result) = await Registry.JoinAsync(address.Split('\0')[0], peer.Peer, CancellationToken.None);
        return peer;
    }

    /// <summary>Lets every room look at the clock, and waits until they have.</summary>
    public async Task TickAsync(TimeSpan? after = null)
    {
        Time.Advance(after ?? TimeSpan.Zero);
        foreach (Room room in Registry.Rooms)
        {
            if (await room.PostAsync(new RoomMessage(RoomMessageKind.Tick), CancellationToken.None))
                await SettleAsync(room);
        }
    }

    /// <summary>Waits until a room has handled everything that was posted before.</summary>
    public static async Task SettleAsync(Room room)
    {
        // A join of a throw-away peer is answered in order; the peer leaves at once. Full and closed rooms answer as well.
        var reply = new TaskCompletionSource<JoinResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var probe = new YWebSocketPeer(-1, new Outbox(1 << 20, 64), null);
        if (!await room.PostAsync(new RoomMessage(RoomMessageKind.Join, probe, Reply: reply), CancellationToken.None))
            return;
        if ((await reply.Task).Outcome != JoinOutcome.Joined)
            return;
        await room.PostAsync(new RoomMessage(RoomMessageKind.Leave, probe), CancellationToken.None);
        await Wait.UntilAsync(() => probe.Awareness is null || room.Completion.IsCompleted, "the probe has left");
    }

    public async ValueTask DisposeAsync()
    {
        Log.Commit();
        await _stop.CancelAsync();
        await _folder.StopAsync(CancellationToken.None);
        Lifecycle.Dispose();
        Metrics.Dispose();
        _folder.Dispose();
        _stop.Dispose();
    }
}

/// <summary>A peer without a socket: the test sends frames to its room and reads what its outbox holds.</summary>
internal sealed class TestPeer(Peer peer)
{
    public Peer Peer { get; } = peer;

    public Room? Room { get; set; }

    public JoinResult Result { get; set; }

    public OutboxClose? Closed { get; private set; }

    public async Task SendAsync(byte[] frame)
    {
        Assert.NotNull(Room);
        Assert.True(await Room.PostAsync(new RoomMessage(RoomMessageKind.Frame, Peer, frame), CancellationToken.None));
    }

    public Task SendUpdateAsync(byte[] update) => SendAsync(Updates.SyncFrame(2, update));

    public async Task LeaveAsync() => await Room!.PostAsync(new RoomMessage(RoomMessageKind.Leave, Peer), CancellationToken.None);

    /// <summary>Everything the room has queued for this peer so far, in order. A close is noted in <see cref="Closed"/>.</summary>
    public async Task<List<byte[]>> ReceiveAsync()
    {
        if (Room is not null && !Room.Completion.IsCompleted)
            await RoomHarness.SettleAsync(Room);
        return Drain(out _);
    }

    /// <summary>The same without waiting for the room.</summary>
    public List<byte[]> Drain(out bool owesDrain)
    {
        var frames = new List<byte[]>();
        owesDrain = false;
        while (true)
        {
            switch (Peer.Outbox.Take(out byte[] frame, out _, out _, out OutboxClose close))
            {
                case Outbox.Work.Frame:
                    frames.Add(frame);
                    continue;
                case Outbox.Work.Drained:
                    owesDrain = true;
                    continue;
                case Outbox.Work.Close:
                    Closed = close;
                    return frames;
                default:
                    return frames;
            }
        }
    }

    public static IEnumerable<byte[]> PayloadsOf(IEnumerable<byte[]> frames, FrameKind kind)
    {
        foreach (byte[] frame in frames)
        {
            YWebSocketFrame message = YWebSocketFrame.Read(frame);
            if (message.Kind == kind)
                yield return message.Payload.ToArray();
        }
    }

    /// <summary>The state vector of the last step 1 among <paramref name="frames"/>.</summary>
    public static StateVector VectorIn(IEnumerable<byte[]> frames) => StateVector.Decode(PayloadsOf(frames, FrameKind.SyncStep1).Last());
}
