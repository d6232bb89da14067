namespace CoEdit.Persistence;

/// <summary>One thing to write: an update of a document, or a job.</summary>
internal readonly record struct WriteItem(
    DocumentLog? Document,
    ReadOnlyMemory<byte> Update,
    string? Principal,
    long Ticket,
    long Milliseconds,
    long QueuedAt,
    WriteJob? Job)
{
    // What an entry costs besides its bytes, roughly: its place in the queue and the header of its array. It bounds floods of tiny updates.
    private const int FixedCost = 128;

    public long Cost => Update.Length + FixedCost;
}

/// <summary>The single queue between everybody and the writer thread: first in, first out, over all documents.</summary>
/// <remarks>
/// Producers never wait: the budget is looked at before an update is accepted, not here. A monitor rather than a channel, because the
/// one consumer is a thread of its own that may block, and wants to wait for company as well as for work.
/// </remarks>
internal sealed class WriteQueue(TimeSpan linger)
{
    // A group that is this large commits without waiting for more, and never grows beyond.
    internal const int GroupUpdates = 8192;
    internal const long GroupBytes = 4 * 1024 * 1024;

    private readonly object _gate = new();

    // All under the gate; the two counters may be read without.
    private readonly Queue<WriteItem> _items = new();
    private long _uncommittedBytes;
    private int _uncommitted;
    private long _takenBytes;
    private int _taken;
    private long _oldestTaken;
    private int _jobs;
    private bool _writerWaits;
    private bool _completed;

    public long UncommittedBytes => Volatile.Read(ref _uncommittedBytes);

    public bool IsCompleted => Volatile.Read(ref _completed);

    /// <summary>False if the queue is completed: the item is not taken.</summary>
    public bool TryEnqueue(in WriteItem item)
    {
        lock (_gate)
        {
            if (_completed)
                return false;
            _items.Enqueue(item);
            if (item.Job is null)
            {
                Volatile.Write(ref _uncommittedBytes, _uncommittedBytes + item.Cost);
                _uncommitted++;
            }
            else
            {
                _jobs++;
            }

            if (_writerWaits && (_items.Count == 1 || !MayLinger()))
                Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>
    /// Waits up to <paramref name="idle"/> for work, then takes either one job or a run of updates. Takes nothing if there was none.
    /// </summary>
    public WriteJob? Take(List<WriteItem> updates, TimeSpan idle)
    {
        lock (_gate)
        {
            if (_items.Count == 0 && !_completed)
                WaitForPulse(idle);
            if (_items.Count > 0 && linger > TimeSpan.Zero && MayLinger())
                WaitForPulse(linger);

            while (_items.TryPeek(out var item))
            {
                if (item.Job is { } job)
                {
                    if (updates.Count > 0)
                        break;
                    _items.Dequeue();
                    _jobs--;
                    return job;
                }

                if (updates.Count > 0 && (updates.Count >= GroupUpdates || _takenBytes + item.Cost > GroupBytes))
                    break;
                if (updates.Count == 0)
                    _oldestTaken = item.QueuedAt;
                updates.Add(_items.Dequeue());
                _takenBytes += item.Cost;
                _taken++;
            }

            return null;
        }
    }

    /// <summary>The updates taken last are committed, or given up.</summary>
    public void Release()
    {
        lock (_gate)
        {
            Volatile.Write(ref _uncommittedBytes, _uncommittedBytes - _takenBytes);
            _uncommitted -= _taken;
            (_taken, _takenBytes) = (0, 0);
        }
    }

    /// <summary>Waits before another attempt; returns at once when the queue is or becomes completed.</summary>
    public void WaitUnlessCompleted(TimeSpan delay)
    {
        lock (_gate)
        {
            if (!_completed)
                Monitor.Wait(_gate, delay);
        }
    }

    /// <summary>Nothing more may be queued; what is queued can still be taken.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            Volatile.Write(ref _completed, true);
            Monitor.PulseAll(_gate);
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _items.Count == 0;
        }
    }

    /// <summary>What is not committed, and when the oldest of it was queued.</summary>
    public (long Bytes, int Updates, long? OldestQueuedAt) Snapshot()
    {
        lock (_gate)
        {
            if (_uncommitted == 0)
                return (0, 0, null);
            if (_taken > 0)
                return (_uncommittedBytes, _uncommitted, _oldestTaken);
            foreach (var item in _items)
            {
                if (item.Job is null)
                    return (_uncommittedBytes, _uncommitted, item.QueuedAt);
            }

            return (_uncommittedBytes, _uncommitted, null);
        }
    }

    private bool MayLinger() =>
        !_completed && _jobs == 0 && _items.Count < GroupUpdates && _uncommittedBytes < GroupBytes;

    private void WaitForPulse(TimeSpan time)
    {
        _writerWaits = true;
        Monitor.Wait(_gate, time);
        _writerWaits = false;
    }
}
