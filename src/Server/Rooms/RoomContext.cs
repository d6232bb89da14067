using CoEdit.Crdt;
using CoEdit.Persistence;
using CoEdit.Protocol;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>What every room of a server shares. Thread-safe.</summary>
internal sealed class RoomContext
{
    private readonly long _start;

    public RoomContext(
        IOptions<CoEditOptions> options,
        IUpdateLog log,
        LifecyclePublisher lifecycle,
        Folder folder,
        CoEditMetrics metrics,
        TimeProvider time,
        ILogger<Room> logger)
    {
        Options = options.Value;
        Log = log;
        Lifecycle = lifecycle;
        Folder = folder;
        Metrics = metrics;
        Time = time;
        Logger = logger;
        _start = time.GetTimestamp();
        StoreOptions = new UpdateStoreOptions
        {
            MaxStoredBytes = Options.Limits.MaxDocumentBytes,
            MaxDeletedRun = Options.Limits.MaxDocumentBytes,
            MaxPendingBytes = Options.Limits.MaxPendingBytes,
            MaxPendingStructs = Options.Limits.MaxPendingStructs,
            MaxRoots = Options.Limits.MaxRoots,
            MaxValueNesting = Options.Limits.MaxValueNesting,
            DetectForks = true,
        };
        AwarenessOptions = new AwarenessOptions { MaxStateBytes = Options.Limits.MaxAwarenessStateBytes };
    }

    public CoEditOptions Options { get; }

    public IUpdateLog Log { get; }

    public LifecyclePublisher Lifecycle { get; }

    public Folder Folder { get; }

    public CoEditMetrics Metrics { get; }

    public TimeProvider Time { get; }

    public ILogger<Room> Logger { get; }

    public AwarenessOptions AwarenessOptions { get; }

    /// <summary>Where rooms are found. Set by the registry itself.</summary>
    public RoomRegistry Registry { get; set; } = null!;

    private UpdateStoreOptions StoreOptions { get; }

    /// <summary>Milliseconds since the server started, unaffected by changes of the wall clock.</summary>
    public long NowMs => (long)Time.GetElapsedTime(_start).TotalMilliseconds;

    public UpdateStore CreateStore() => new(StoreOptions);
}
