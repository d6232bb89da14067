namespace CoEdit.Crdt;

/// <content>Parked structs and their release.</content>
public sealed partial class UpdateStore
{
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
