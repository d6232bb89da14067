namespace CoEdit.Crdt;

/// <summary>Deletions of units that have not arrived, per client in the order of their clocks.</summary>
/// <remarks>
/// An update asks only for what lies below the states of the clients it has brought forward, so deletions that wait for others cost it nothing.
/// Ranges that come again are joined when a client's have doubled.
/// </remarks>
internal sealed class WaitingDeletes
{
    private const int SmallestJoin = 64;

    private readonly Dictionary<int, Runs> _clients = [];

    /// <summary>Number of ranges; some may overlap.</summary>
    public int Count { get; private set; }

    public void Add(in ClockRun run)
    {
        if (!_clients.TryGetValue(run.Client, out Runs? runs))
            _clients.Add(run.Client, runs = new Runs());
        runs.Queue.Enqueue(run, run.Clock);
        Count++;
        if (runs.Queue.Count < runs.JoinAt)
            return;
        Count -= runs.Queue.Count;
        ScratchList<ClockRun> joined = default;
        foreach ((ClockRun waiting, _) in runs.Queue.UnorderedItems)
            joined.Add(waiting);
        Transaction.Normalize(ref joined);
        runs.Queue.Clear();
        foreach (ref readonly ClockRun waiting in joined.Items)
            runs.Queue.Enqueue(waiting, waiting.Clock);
        Count += runs.Queue.Count;
        runs.JoinAt = Math.Max(SmallestJoin, 2 * runs.Queue.Count);
    }

    /// <summary>Takes a range of a client that begins below a clock.</summary>
    public bool TryTake(int client, int below, out ClockRun run)
    {
        run = default;
        if (!_clients.TryGetValue(client, out Runs? runs) || !runs.Queue.TryPeek(out run, out int clock) || clock >= below)
            return false;
        runs.Queue.Dequeue();
        Count--;
        if (runs.Queue.Count == 0)
            _clients.Remove(client);
        return true;
    }

    /// <summary>All ranges, sorted by client index and clock, joined.</summary>
    public ScratchList<ClockRun> ToRuns()
    {
        ScratchList<ClockRun> all = default;
        all.Reserve(Count);
        foreach (Runs runs in _clients.Values)
        {
            foreach ((ClockRun run, _) in runs.Queue.UnorderedItems)
                all.Add(run);
        }

        Transaction.Normalize(ref all);
        return all;
    }

    private sealed class Runs
    {
        public readonly PriorityQueue<ClockRun, int> Queue = new();
        public int JoinAt = SmallestJoin;
    }
}
