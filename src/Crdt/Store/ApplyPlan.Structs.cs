namespace CoEdit.Crdt;

/// <content>What the walk means for the bytes: the first new struct of each run, and copies of what has to wait.</content>
internal sealed partial class ApplyPlan
{
    private readonly ByteBuffer _cut = new();
    private Walk _walk;

    // A struct boundary in a run.
    private readonly record struct Walk(int Offset, uint Clock, int Ordinal);

    private void CollectStructs(ReadOnlySpan<byte> update, UpdateSource source)
    {
        for (int i = 0; i < Sections.Count; i++)
        {
            ref Section section = ref Sections[i];
            uint before = section.Log?.State ?? 0;
            uint parkedTo = section.State;
            for (int k = section.FirstRun; k < section.EndRun; k++)
            {
                ref UpdateScan.Run run = ref Scan.Runs[k];
                if (run.Start < before || run.From > run.Start)
                    SomeKnown = true;
                if (run.Cut > run.From)
                {
                    HasApplied = true;
                    FindFrom(update, ref run);
                    AppliedBytes += run.CutOffset - run.FromOffset;
                }

                if (section.Progress != Progress.Parked || k < section.Run)
                    continue;
                uint from = Math.Max(Math.Max(run.Cut, run.Start), parkedTo);
                parkedTo = Math.Max(parkedTo, run.End);
                Park(update, i, run, from, source);
            }
        }
    }

    private static void FindFrom(ReadOnlySpan<byte> update, ref UpdateScan.Run run)
    {
        run.FromClock = run.Start;
        run.FromOffset = run.Offset;
        run.FromOrdinal = 0;
        if (run.From == run.Start)
            return;
        Lib0Reader reader = new(update[..run.EndOffset]);
        reader.Skip(run.Offset);
        StructView view = default;
        while (true)
        {
            StructReader.Read(ref reader, ref view);
            if (run.FromClock + view.Length > run.From)
                return;
            run.FromClock += view.Length;
            run.FromOffset = view.End;
            run.FromOrdinal++;
        }
    }

    /// <summary>Copies what is not parked already.</summary>
    private void Park(ReadOnlySpan<byte> update, int section, in UpdateScan.Run run, uint from, UpdateSource source)
    {
        _walk = run.CutIsBoundary && run.Cut <= from
            ? new Walk(run.CutOffset, run.Cut, run.CutOrdinal)
            : new Walk(run.Offset, run.Start, 0);
        List<ParkedRun>? parked = Sections[section].Log?.Parked;
        int index = parked is null ? -1 : ParkedRuns.LowestEndingAfter(parked, from);
        while (from < run.End)
        {
            uint to = run.End;
            uint next = run.End;
            if (index >= 0)
            {
                ParkedRun known = parked![index--];
                if (known.Start <= from)
                {
                    SomeKnown = true;
                    from = known.End;
                    continue;
                }

                if (known.Start < to)
                {
                    SomeKnown = true;
                    to = known.Start;
                    next = known.End;
                }
            }

            _cut.Clear();
            int count = CutOut(update, run, from, to);
            ParkedRun piece = new(_cut.Written.ToArray(), from, to, count);
            NewParked.Add((section, piece));
            ParkedBytes += piece.Length;
            ParkedStructs += count;
            if (source == UpdateSource.Peer)
                _store.AdmitPending(ParkedStructs, ParkedBytes);
            from = next;
        }
    }

    // Pieces come in clock order: each walk goes on where the last one stopped.
    private int CutOut(ReadOnlySpan<byte> update, in UpdateScan.Run run, uint from, uint to)
    {
        if (_walk.Clock == from && to == run.End)
        {
            _cut.Append(update[_walk.Offset..run.EndOffset]);
            return run.Count - _walk.Ordinal;
        }

        Lib0Reader reader = new(update[..run.EndOffset]);
        reader.Skip(_walk.Offset);
        StructView view = default;
        WireWriter writer = new(_cut);
        int count = 0;
        while (_walk.Clock < to)
        {
            StructReader.Read(ref reader, ref view);
            uint clock = _walk.Clock;
            uint end = clock + view.Length;
            if (end > from)
            {
                StructSlicer.Write(update, view, run.Client, clock, Math.Max(clock, from) - clock, Math.Min(end, to) - clock, ref writer);
                count++;
            }

            if (end > to)
                break;
            _walk = new Walk(view.End, end, _walk.Ordinal + 1);
        }

        writer.Flush();
        return count;
    }
}
