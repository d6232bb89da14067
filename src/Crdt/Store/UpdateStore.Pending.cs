namespace CoEdit.Crdt;

/// <content>Parked structs and their release.</content>
public sealed partial class UpdateStore
{
    /// <summary>
    /// The clocks that have to arrive before what waits can be applied: gaps in front of parked structs, what those refer to, and the structs
    /// of deletions that came first. Clients descending, clocks ascending, disjoint; empty without <see cref="HasPending"/>.
    /// </summary>
    /// <remarks>
    /// Costs nothing while nothing waits, else time linear in the number of clients. A struct may wait for a clock that nobody ever wrote,
    /// so not everything named here exists. The state vector asks a peer for all of it.
    /// </remarks>
    public IReadOnlyList<ClockRange> GetMissingClocks()
    {
        if (!HasPending)
            return [];
        Dictionary<ClientLog, uint> wanted = [];
        foreach (ClientLog log in _clients.Values)
        {
            Want(log, log.Deletes?.End ?? 0);
            if (!log.HasParked)
                continue;
            Want(log, log.Parked![0].Start);
            if (log.Parked[^1].Start <= log.State && log.WaitsFor is { } id && Find(id.Client) is { } other)
                Want(other, id.Clock + 1);
        }

        List<ClockRange> missing = [];
        foreach (ClientLog log in ClientsDescending())
        {
            if (wanted.TryGetValue(log, out uint end))
                AddHoles(log, end, missing);
        }

        return missing;

        void Want(ClientLog log, uint end)
        {
            if (end > log.State)
                wanted[log] = Math.Max(end, wanted.GetValueOrDefault(log));
        }
    }

    private static void AddHoles(ClientLog log, uint end, List<ClockRange> holes)
    {
        uint clock = log.State;
        for (int i = (log.Parked?.Count ?? 0) - 1; i >= 0 && clock < end; i--)
        {
            ParkedRun run = log.Parked![i];
            if (run.Start > clock)
                holes.Add(new ClockRange(log.Client, clock, Math.Min(run.Start, end)));
            clock = Math.Max(clock, run.End);
        }

        if (clock < end)
            holes.Add(new ClockRange(log.Client, clock, end));
    }

    private void Park(ClientLog log, ParkedRun run)
    {
        List<ParkedRun> parked = log.Parked ??= [];
        ParkedRuns.Insert(parked, run);
        PendingBytes += run.Length;
        PendingStructs += run.Count;
        if (!_novelIsEverything)
            _novelStructs.Add(new NovelRange(log, run.Start, run.End));
    }

    // Releases in a queue, not recursively: a chain of clients that wait for each other can be as long as the sender likes.
    private void RetryParked()
    {
        while (_due.TryDequeue(out ClientLog? log))
        {
            Release(log);
            if (log.Waiters is not { } waiters)
                continue;
            while (waiters.TryPeek(out ClientLog? waiter, out uint clock) && log.State > clock)
            {
                waiters.Dequeue();
                waiter.WaitsFor = null;
                _due.Enqueue(waiter);
            }

            if (waiters.Count == 0)
                log.Waiters = null;
        }
    }

    private void Release(ClientLog log)
    {
        if (!log.HasParked)
            return;
        long bytesBefore = log.Bytes;
        int structsBefore = log.StructCount;
        uint stateBefore = log.State;
        List<ParkedRun> parked = log.Parked!;
        while (parked.Count > 0)
        {
            ParkedRun run = parked[^1];
            if (run.Start > log.State || !ReleaseRun(log, run))
                break;
            parked.RemoveAt(parked.Count - 1);
        }

        if (parked.Count == 0)
            log.Parked = null;

        if (log.State == stateBefore)
            return;
        if (stateBefore == 0)
            _clientCount++;
        _structBytes += log.Bytes - bytesBefore;
        _structCount += log.StructCount - structsBefore;
        NoteDeletesAhead(log);
    }

    /// <returns>True when the whole run is applied.</returns>
    private bool ReleaseRun(ClientLog log, ParkedRun run)
    {
        Lib0Reader reader = new(run.Bytes);
        reader.Skip(run.Offset);
        StructView view = default;
        while (!reader.IsAtEnd)
        {
            StructReader.Read(ref reader, ref view);
            uint end = run.Start + view.Length;
            if (end > log.State)
            {
                if (FindMissing(log.Client, view, cut: run.Start < log.State) is { } missing)
                {
                    WaitFor(log, missing);
                    return false;
                }

                if (run.Start < log.State)
                    AppendSlice(log, run.Bytes, view, run.Start, log.State - run.Start);
                else
                    log.Append(run.Bytes, view, _sizes);
            }

            PendingBytes -= view.End - view.Start;
            PendingStructs--;
            run.Start = end;
            run.Offset = view.End;
            run.Count--;
        }

        return true;
    }

    private void WaitFor(ClientLog log, Id missing)
    {
        if (log.WaitsFor == missing)
            return;
        log.WaitsFor = missing;
        ClientLog other = FindOrAdd(missing.Client);
        other.Waiters ??= new PriorityQueue<ClientLog, uint>();
        other.Waiters.Enqueue(log, missing.Clock);
    }

    // Cut: its first units are known, so the rest has the unit in front of it as origin and takes the parent from there.
    private Id? FindMissing(ulong client, in StructView view, bool cut)
    {
        if (!view.IsItem)
            return null;
        if (!cut && view.HasOrigin && view.OriginClient != client && StateOf(view.OriginClient) <= view.OriginClock)
            return new Id(view.OriginClient, view.OriginClock);
        if (view.HasRightOrigin && view.RightClient != client && StateOf(view.RightClient) <= view.RightClock)
            return new Id(view.RightClient, view.RightClock);
        if (!cut && view.HasParent && !view.ParentIsRoot && view.ParentClient != client && StateOf(view.ParentClient) <= view.ParentClock)
            return new Id(view.ParentClient, view.ParentClock);
        return null;
    }
}
