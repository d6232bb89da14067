using System.Diagnostics.Metrics;
using CoEdit.Persistence;

namespace CoEdit.Server;

/// <summary>The meter <c>CoEdit</c> and what is counted as it happens. What can be looked up is in <see cref="ServerGauges"/>.</summary>
/// <remarks>
/// Nothing here runs per delivery. Rooms count on their own and hand over a burst at a time; sockets keep their own traffic
/// (<see cref="SocketTraffic"/>). Counters are plain numbers that instruments observe, so that nobody pays for listeners. Names of documents
/// and users are never tags: there may be millions. Thread-safe.
/// </remarks>
internal sealed class CoEditMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "CoEdit";

    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Histogram<double> _commitLatency;
    private readonly Histogram<double> _commitWrite;
    private readonly Histogram<double> _loadDuration;
    private readonly Histogram<double> _foldDuration;
    private readonly long[] _rejected = new long[Rejections.Count];
    private long _updatesReceived;
    private long _updatesApplied;
    private long _updatesCommitted;
    private long _outboxDrops;
    private long _resyncs;
    private long _forks;
    private long _folds;
    private long _foldsFailed;
    private long _loadsFailed;
    private long _lifecycleDropped;

    public CoEditMetrics()
    {
        Meter = new Meter(MeterName, typeof(CoEditMetrics).Assembly.GetName().Version?.ToString(3));
        var buckets = new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds };
        _commitLatency = Meter.CreateHistogram("coedit.commit.duration", "s",
            "How long the oldest update of a commit waited, from its arrival in the log until it was on disk.", tags: null, buckets);
        _commitWrite = Meter.CreateHistogram("coedit.commit.write.duration", "s", "How long the transaction of a commit took.", tags: null, buckets);
        _loadDuration = Meter.CreateHistogram("coedit.load.duration", "s", "How long it took to load a document.", tags: null, buckets);
        _foldDuration = Meter.CreateHistogram("coedit.fold.duration", "s", "How long it took to fold a document's log into a snapshot.", tags: null, buckets);

        Count("coedit.updates.received", "{update}", "Updates and answers to the server's question that clients sent.", () => Volatile.Read(ref _updatesReceived));
        Count("coedit.updates.applied", "{update}", "Updates that changed a document.", () => Volatile.Read(ref _updatesApplied));
        Count("coedit.updates.committed", "{update}", "Updates that are on disk.", () => Volatile.Read(ref _updatesCommitted));
        Count("coedit.outbox.drops", "{drop}", "Queues of lagging peers that were dropped and replaced by one diff.", () => Volatile.Read(ref _outboxDrops));
        Count("coedit.resyncs", "{question}", "Questions to peers for what a document misses.", () => Volatile.Read(ref _resyncs));
        Count("coedit.forks", "{fork}", "Updates that contradicted their document and were refused.", () => Volatile.Read(ref _forks));
        Count("coedit.folds", "{fold}", "Logs that were folded into a snapshot.", () => Volatile.Read(ref _folds));
        Count("coedit.folds.failed", "{fold}", "Folds that failed and left the log as it was.", () => Volatile.Read(ref _foldsFailed));
        Count("coedit.loads.failed", "{load}", "Documents that could not be loaded.", () => Volatile.Read(ref _loadsFailed));
        Count("coedit.lifecycle.dropped", "{event}", "Events of rooms that handlers were too slow for.", () => Volatile.Read(ref _lifecycleDropped));
        Meter.CreateObservableCounter("coedit.rejected", ObserveRejected, "{rejection}", "What was refused to clients, by reason.");
    }

    public Meter Meter { get; }

    /// <summary>What a room handled in one burst.</summary>
    public void AddUpdates(int received, int applied)
    {
        Interlocked.Add(ref _updatesReceived, received);
        Interlocked.Add(ref _updatesApplied, applied);
    }

    /// <summary>Called by the log's writer thread after each commit.</summary>
    public void AddCommit(CommittedGroup group)
    {
        Interlocked.Add(ref _updatesCommitted, group.Updates);
        _commitLatency.Record(group.Latency.TotalSeconds);
        _commitWrite.Record(group.Duration.TotalSeconds);
    }

    public void AddRejection(Rejection reason) => Interlocked.Increment(ref _rejected[(int)reason]);

    public void AddRejection(int closeCode) => AddRejection(Rejections.Of(closeCode));

    public void AddOutboxDrop() => Interlocked.Increment(ref _outboxDrops);

    public void AddResyncs(int count) => Interlocked.Add(ref _resyncs, count);

    public void AddFork() => Interlocked.Increment(ref _forks);

    public void AddFold(TimeSpan duration, bool failed)
    {
        Interlocked.Increment(ref failed ? ref _foldsFailed : ref _folds);
        _foldDuration.Record(duration.TotalSeconds);
    }

    public void AddLoad(TimeSpan duration) => _loadDuration.Record(duration.TotalSeconds);

    public void AddFailedLoad() => Interlocked.Increment(ref _loadsFailed);

    public void AddLifecycleDrop() => Interlocked.Increment(ref _lifecycleDropped);

    public void Dispose() => Meter.Dispose();

    private void Count(string name, string unit, string description, Func<long> read) =>
        Meter.CreateObservableCounter(name, read, unit, description);

    private IEnumerable<Measurement<long>> ObserveRejected()
    {
        for (int i = 0; i < _rejected.Length; i++)
            yield return new Measurement<long>(Volatile.Read(ref _rejected[i]), new KeyValuePair<string, object?>("reason", Rejections.Tag((Rejection)i)));
    }
}
