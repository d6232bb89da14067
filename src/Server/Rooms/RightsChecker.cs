namespace CoEdit.Server;

/// <summary>What a peer may do, and on whose account, at the moment when somebody asked its room.</summary>
internal sealed record HeldRights(Peer Peer, PeerIdentity Identity, DocumentRights Rights);

/// <summary>What a peer may do from now on. <see cref="ReplacesIdentity"/>: it has proved itself anew, with a token that replaces the first.</summary>
internal sealed record NewRights(PeerIdentity Identity, DocumentRights Rights, bool ReplacesIdentity = false);

/// <summary>What became of a look at the rights of everybody in a room.</summary>
/// <param name="Checked">Peers whose rights were looked up.</param>
/// <param name="Changed">Those that may do more or less than before and stay.</param>
/// <param name="Closed">Those that are closed with 4403.</param>
/// <param name="Failed">Those whose rights could not be looked up; they keep what they have.</param>
public sealed record RightsReport(int Checked, int Changed, int Closed, int Failed);

/// <summary>Looks up everybody's rights again: every 30 seconds, and when asked to. Rooms never wait for that.</summary>
internal sealed partial class RightsChecker(
    RoomRegistry registry, DocumentAccess access, TimeProvider time, ILogger<RightsChecker> logger) : BackgroundService
{
    /// <summary>How often everybody's rights are looked up.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const int Parallelism = 8;

    /// <summary>How long one look-up may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Looks up the rights of every peer of a room and tells the room. Any thread.</summary>
    public async Task<RightsReport> CheckAsync(Room room, CancellationToken cancellationToken)
    {
        var reply = new TaskCompletionSource<IReadOnlyList<HeldRights>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await room.PostAsync(new RoomMessage(RoomMessageKind.ListRights, Reply: reply), cancellationToken))
            return new RightsReport(0, 0, 0, 0);
        IReadOnlyList<HeldRights> peers = await reply.Task.WaitAsync(cancellationToken);
        int changed = 0;
        int closed = 0;
        int failed = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(peers, options, async (held, token) =>
        {
            if (await LookUpAsync(room.Name, held, token) is not { } rights)
            {
                Interlocked.Increment(ref failed);
                return;
            }

            if (rights == held.Rights)
                return;
            Interlocked.Increment(ref rights == DocumentRights.None ? ref closed : ref changed);
            await room.PostAsync(new RoomMessage(RoomMessageKind.Rights, held.Peer, Reply: new NewRights(held.Identity, rights)), token);
        });
        return new RightsReport(peers.Count, changed, closed, failed);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (Room room in registry.Rooms)
                    await CheckAsync(room, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; rooms are closed by the registry.
        }
    }

    // An authorizer is code of others: whatever it throws, and if it never answers, the next look will tell.
    private async ValueTask<DocumentRights?> LookUpAsync(string document, HeldRights held, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await access.GetRightsAsync(held.Identity.Caller, document, either.Token).AsTask().WaitAsync(either.Token);
        }
#pragma warning disable CA1031
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(exception, held.Peer.Id, document);
            return null;
        }
    }

    [LoggerMessage(EventIds.RightsFailed, LogLevel.Error, "Rights of peer {Peer} in {Document} could not be looked up; it keeps those it has.")]
    private partial void LogFailed(Exception exception, long peer, LogText document);
}
