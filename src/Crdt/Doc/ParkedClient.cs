namespace CoEdit.Crdt;

/// <summary>What one client has to do with waiting: its own structs that wait, lowest clock first, and who waits for its units.</summary>
internal sealed class ParkedClient(int client)
{
    private const int SmallestTidy = 64;

    private readonly PriorityQueue<ParkedPart, ulong> _parts = new();
    private readonly PriorityQueue<ParkedClient, int> _waiters = new();
    private int _tidyPartsAt = SmallestTidy;
    private int _tidyWaitersAt = SmallestTidy;
    private uint _order = uint.MaxValue;
    private int _covered;
    private (int Client, int Clock) _wait = (Item.NoClient, 0);

    public int Client => client;

    /// <summary>True while it stands in the queue of those that may go on.</summary>
    public bool IsDue { get; set; }

    public bool IsWaiting => _wait.Client != Item.NoClient;

    public int WaitsFor => _wait.Client;

    public bool HasParts => _parts.Count > 0;

    public int FirstClock => _parts.Peek().Clock;

    public bool IsEmpty => _parts.Count == 0 && _waiters.Count == 0;

    public IEnumerable<ParkedPart> Parts => _parts.UnorderedItems.OrderBy(entry => entry.Priority).Select(entry => entry.Element);

    public bool BeginsAt(int clock) => _parts.TryPeek(out ParkedPart? first, out _) && first.Clock == clock;

    public bool BeginsAtOrBelow(int clock) => _parts.TryPeek(out ParkedPart? first, out _) && first.Clock <= clock;

    /// <summary>Adds a part. What came twice is dropped, and small neighbours are joined, whenever the parts have doubled.</summary>
    /// <param name="part">The part.</param>
    /// <param name="dropped">Structs and bytes that are gone because others cover them.</param>
    public void Add(ParkedPart part, out (int Structs, long Bytes) dropped)
    {
        dropped = default;
        _covered = Math.Min(_covered, part.Clock);
        _parts.Enqueue(part, Priority(part));
        if (_parts.Count < _tidyPartsAt)
            return;
        List<ParkedPart> tidy = [];
        foreach (ParkedPart next in Parts)
        {
            if (tidy.Count == 0 || (next.End > tidy[^1].End && !tidy[^1].CanTake(next)))
                tidy.Add(next);
            else if (next.End > tidy[^1].End)
                tidy[^1] = tidy[^1].With(next);
            else
                dropped = (dropped.Structs + next.Structs, dropped.Bytes + next.Cost);
        }

        _parts.Clear();
        _order = uint.MaxValue;
        for (int i = tidy.Count - 1; i >= 0; i--)
            _parts.Enqueue(tidy[i], Priority(tidy[i]));
        _tidyPartsAt = Math.Max(SmallestTidy, 2 * _parts.Count);
    }

    /// <summary>Takes the first part if it begins at or below a clock.</summary>
    /// <param name="state">The client's next expected clock.</param>
    /// <param name="part">The part.</param>
    /// <param name="isCovered">Parts before it have brought all its units.</param>
    public bool TryTake(int state, out ParkedPart part, out bool isCovered)
    {
        isCovered = false;
        if (!_parts.TryPeek(out part!, out _) || part.Clock > state)
            return false;
        _parts.Dequeue();
        _wait = (Item.NoClient, 0);
        isCovered = part.End <= _covered;
        _covered = Math.Max(_covered, part.End);
        return true;
    }

    /// <summary>The client cannot go on before a unit of another has come.</summary>
    public void WaitFor(ParkedClient other, int clock)
    {
        if (_wait == (other.Client, clock))
            return;
        _wait = (other.Client, clock);
        other.AddWaiter(this, clock);
    }

    /// <summary>Takes somebody who waits for a unit below a clock.</summary>
    public bool TryTakeWaiter(int state, out ParkedClient waiter)
    {
        while (_waiters.TryPeek(out waiter!, out int clock) && clock < state)
        {
            _waiters.Dequeue();
            if (waiter._wait != (client, clock))
                continue;
            waiter._wait = (Item.NoClient, 0);
            return true;
        }

        return false;
    }

    // Who waits for something else meanwhile is still in here; forged parts could make that many.
    private void AddWaiter(ParkedClient waiter, int clock)
    {
        _waiters.Enqueue(waiter, clock);
        if (_waiters.Count < _tidyWaitersAt)
            return;
        (ParkedClient, int)[] waiting = [.. _waiters.UnorderedItems.Where(entry => entry.Element._wait == (client, entry.Priority)).Distinct()];
        _waiters.Clear();
        _waiters.EnqueueRange(waiting);
        _tidyWaitersAt = Math.Max(SmallestTidy, 2 * _waiters.Count);
    }

    // Among parts of one clock the latest comes first, as when updates are merged.
    private ulong Priority(ParkedPart part) => ((ulong)part.Clock << 32) | _order--;
}
