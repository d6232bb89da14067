namespace CoEdit.Server;

/// <summary>Every open socket of the server: for the watch over stalled ones, for metrics, and for the end. Thread-safe.</summary>
internal sealed class ConnectionTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, PeerConnection> _connections = [];
    private readonly TaskCompletionSource _allGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrafficTotals _ofTheGone;
    private OutboxClose? _closing;
    private long _lastId;

    public int Count
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <summary>What went over all sockets there ever were.</summary>
    public TrafficTotals Traffic
    {
        get
        {
            lock (_gate)
            {
                TrafficTotals sum = _ofTheGone;
                foreach (PeerConnection connection in _connections.Values)
                    sum += connection.Traffic.Totals;
                return sum;
            }
        }
    }

    public long NextId() => Interlocked.Increment(ref _lastId);

    public void Add(long id, PeerConnection connection)
    {
        OutboxClose? closing;
        lock (_gate)
        {
            _connections.Add(id, connection);
            closing = _closing;
        }

        if (closing is not null)
            connection.Close(closing.Code, closing.Reason);
    }

    public void Remove(long id)
    {
        bool isLast;
        lock (_gate)
        {
            if (!_connections.Remove(id, out PeerConnection? connection))
                return;
            _ofTheGone += connection.Traffic.Totals;
            isLast = _closing is not null && _connections.Count == 0;
        }

        if (isLast)
            _allGone.TrySetResult();
    }

    /// <summary>
    /// Closes every socket, after what is queued for it, and every one that is opened from now on. The task ends when none is left.
    /// </summary>
    public Task CloseAllAsync(int code, string reason)
    {
        PeerConnection[] connections;
        lock (_gate)
        {
            _closing ??= new OutboxClose(code, reason);
            connections = [.. _connections.Values];
            if (connections.Length == 0)
                _allGone.TrySetResult();
        }

        foreach (PeerConnection connection in connections)
            connection.Close(code, reason);
        return _allGone.Task;
    }

    /// <summary>Ends every socket at once.</summary>
    public void AbortAll()
    {
        foreach (PeerConnection connection in Connections())
            connection.Abort();
    }

    public void CheckProgress()
    {
        foreach (PeerConnection connection in Connections())
            connection.CheckProgress();
    }

    private PeerConnection[] Connections()
    {
        lock (_gate)
            return [.. _connections.Values];
    }
}
