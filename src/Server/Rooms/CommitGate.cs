namespace CoEdit.Server;

/// <summary>Holds back what may only be said once the log has committed (spec LOG3, LOG4).</summary>
/// <remarks>
/// Owned by one room's loop. Entries are released in the order in which they came, for their tickets only grow. An entry with a deadline
/// is let go at that time with its fallback: a state vector may always be answered with an older one.
/// </remarks>
internal sealed class CommitGate
{
    private readonly Queue<Entry> _entries = new();
    private readonly List<Peer> _acknowledged = [];

    public int Count => _entries.Count;

    /// <summary>The ticket the next release waits for; <see cref="long.MaxValue"/> when nothing waits.</summary>
    public long NextTicket => _entries.TryPeek(out Entry next) ? next.Ticket : long.MaxValue;

    /// <summary>Queues <paramref name="release"/> until <paramref name="ticket"/> is durable.</summary>
    public void Hold(long ticket, Action release, long deadline = long.MaxValue, Action? expired = null) =>
        _entries.Enqueue(new Entry(ticket, release, deadline, expired, null, 0));

    /// <summary>Acknowledges a peer's write when <paramref name="ticket"/> is durable.</summary>
    public void HoldAcknowledgement(long ticket, Peer peer, long write) =>
        _entries.Enqueue(new Entry(ticket, null, long.MaxValue, null, peer, write));

    /// <summary>Releases everything up to <paramref name="durableTicket"/>.</summary>
    public void Release(long durableTicket, long nowMs)
    {
        while (_entries.TryPeek(out Entry next) && next.Ticket <= durableTicket)
        {
            _entries.Dequeue();
            if (next.Peer is { } peer)
            {
                if (!peer.HasAcknowledgements)
                    _acknowledged.Add(peer);
                peer.Acknowledge(next.Write);
            }

            next.Release?.Invoke();
        }

        foreach (Peer peer in _acknowledged)
            peer.SendAcknowledgements(nowMs);
        _acknowledged.Clear();
    }

    /// <summary>Runs the fallback of every entry whose deadline has passed. Those entries will not be released any more.</summary>
    public void Expire(long nowMs)
    {
        for (int i = _entries.Count; i > 0; i--)
        {
            Entry entry = _entries.Dequeue();
            if (entry.Deadline <= nowMs)
                entry.Expired?.Invoke();
            else
                _entries.Enqueue(entry);
        }
    }

    private readonly record struct Entry(long Ticket, Action? Release, long Deadline, Action? Expired, Peer? Peer, long Write);
}
