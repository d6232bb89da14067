using System.Diagnostics;
using System.Threading.Channels;
using CoEdit.Crdt;
using CoEdit.Persistence;

namespace CoEdit.Server;

/// <summary>One document's state, to be written as the snapshot that replaces its log up to a sequence.</summary>
internal sealed record FoldJob(Room Room, DocumentLog Log, byte[] State, byte[] StateVector, long ThroughSequence, long Version);

/// <summary>How a fold ended. <see cref="Compacted"/> is the decoded, compacted document as of <see cref="Version"/>.</summary>
internal sealed record FoldOutcome(long Version, UpdateStore? Compacted, Exception? Error);

/// <summary>Turns logs into snapshots: one at a time, off every room's path.</summary>
/// <remarks>
/// The state is decoded, compacted, encoded and decoded again before it may replace anything: a snapshot that does not
/// read back as the same document is never written (spec LOG6).
/// </remarks>
internal sealed class Folder(IUpdateLog log, LifecyclePublisher lifecycle, CoEditMetrics metrics, TimeProvider time) : BackgroundService
{
    private readonly Channel<FoldJob> _jobs = Channel.CreateUnbounded<FoldJob>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Queues a fold; the room is told with a <see cref="RoomMessageKind.Folded"/>. At most one per room is queued, by the room's own care.</summary>
    public void Enqueue(FoldJob job) => _jobs.Writer.TryWrite(job);

    /// <summary>Ends after the fold in hand; rooms that still wait are told that theirs did not happen.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _jobs.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (FoldJob job in _jobs.Reader.ReadAllAsync(CancellationToken.None))
        {
            long started = time.GetTimestamp();
            FoldOutcome outcome = await FoldAsync(job, stoppingToken);
            metrics.AddFold(time.GetElapsedTime(started), failed: outcome.Error is not null);
            await job.Room.PostAsync(new RoomMessage(RoomMessageKind.Folded, Reply: outcome), CancellationToken.None);
        }
    }

    private async Task<FoldOutcome> FoldAsync(FoldJob job, CancellationToken cancellationToken)
    {
        using Activity? activity = CoEditActivities.Start("coedit.fold", job.Room.Name);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            UpdateStore compacted = Decode(job.State, job.StateVector);
            compacted.Compact();
            byte[] snapshot = compacted.EncodeState();
            UpdateStore again = Decode(snapshot, job.StateVector);
            if (!again.EncodeState().AsSpan().SequenceEqual(snapshot))
                throw new InvalidOperationException($"The compacted state of \"{job.Room.Name}\" does not read back as itself.");
            if (await log.FoldAsync(job.Log, snapshot, job.ThroughSequence, cancellationToken))
                lifecycle.Publish(new Folded(job.Room.Name, job.ThroughSequence, snapshot.Length));
            return new FoldOutcome(job.Version, compacted, null);
        }
#pragma warning disable CA1031 // A fold that fails leaves the log as it is; the room logs the error and tries again later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            activity.Fail(exception);
            return new FoldOutcome(job.Version, null, exception);
        }
    }

    private static UpdateStore Decode(byte[] state, byte[] expectedVector)
    {
        var store = new UpdateStore(Unlimited);
        store.Apply(state, UpdateSource.Trusted);
        if (!store.EncodeStateVector().AsSpan().SequenceEqual(expectedVector))
            throw new InvalidOperationException("A state does not read back with the state vector it was written with.");
        return store;
    }

    private static UpdateStoreOptions Unlimited { get; } = new()
    {
        MaxStoredBytes = long.MaxValue,
        MaxRoots = int.MaxValue,
        MaxNameBytes = int.MaxValue,
    };
}
