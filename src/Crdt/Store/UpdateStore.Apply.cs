using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <content>How an update gets in: two short cuts for single edits, and the planned way for everything.</content>
public sealed partial class UpdateStore
{
    private readonly Queue<ClientLog> _due = new();
    private readonly ByteBuffer _cut = new();

    // 01 01 client clock  84|c4|44 [origin] [rightOrigin] text  00
    // One struct with text, right behind what we have of the client, needing only what we have. False means: look properly.
    private bool TryApplyText(ReadOnlySpan<byte> update, UpdateSource source, out ApplyResult result)
    {
        result = default;
        if (update.Length < 9 || MemoryMarshal.Read<ushort>(update) != 0x0101)
            return false;
        int at = 2;
        if (!ShortVarUInt.TryRead(update, ref at, out ulong client) || !ShortVarUInt.TryRead(update, ref at, out ulong clock))
            return false;
        ClientLog? log = Find(client);
        if (log is null || log.State != clock || log.State == 0 || log.HasParked || log.DeletesAhead || log.Waiters is not null)
            return false;
        if (at >= update.Length)
            return false;
        int infoAt = at;
        byte info = update[at++];
        if ((info & ~StructInfo.HasAnyOrigin) != (int)StructKind.String || (info & StructInfo.HasAnyOrigin) == 0)
            return false;
        bool continues = false;
        if ((info & StructInfo.HasOrigin) != 0)
        {
            if (!TryReadKnown(update, ref at, log, out ulong originClient, out ulong originClock))
                return false;
            continues = originClient == client && originClock == clock - 1;
        }

        ulong rightClient = 0;
        ulong rightClock = 0;
        bool hasRight = (info & StructInfo.HasRightOrigin) != 0;
        if (hasRight && !TryReadKnown(update, ref at, log, out rightClient, out rightClock))
            return false;
        if (!ShortVarUInt.TryRead(update, ref at, out ulong length) || length == 0 || length >= (ulong)(update.Length - at))
            return false;
        ReadOnlySpan<byte> text = update.Slice(at, (int)length);
        int end = at + (int)length;
        if (update[end] != 0)
            return false;
        uint units = (uint)StructReader.ReadTextLength(text);
        if (clock + units > int.MaxValue || (source == UpdateSource.Peer && StoredBytes + update.Length > _options.MaxStoredBytes))
            return false;

        // From here on nothing fails.
        long before = log.Bytes;
        if (!continues || !log.TryExtendText(hasRight, rightClient, (uint)rightClock, text, units, _sizes))
        {
            log.AppendRaw(update[infoAt..end], (uint)clock + units, 1, 0, _sizes);
            _structCount++;
        }

        _structBytes += log.Bytes - before;
        _hasNovelPart = true;
        _novelIsEverything = false;
        _novelDeletes.Clear();
        _novelStructs.Clear();
        _novelStructs.Add(new NovelRange(log, (uint)clock, log.State));
        result = new ApplyResult(ApplyOutcome.Whole, end - infoAt, Parked: false);
        return true;
    }

    // 00 01 client 01 clock length: one delete range of units that we have.
    private bool TryApplyDelete(ReadOnlySpan<byte> update, UpdateSource source, out ApplyResult result)
    {
        result = default;
        if (update.Length < 6 || update[0] != 0 || update[1] != 1)
            return false;
        int at = 2;
        if (!ShortVarUInt.TryRead(update, ref at, out ulong client) || at >= update.Length || update[at++] != 1)
            return false;
        if (!ShortVarUInt.TryRead(update, ref at, out ulong start) || !ShortVarUInt.TryRead(update, ref at, out ulong length))
            return false;
        ClientLog? log = Find(client);
        if (log is null || length == 0 || start > log.State || length > log.State - start)
            return false;
        uint end = (uint)(start + length);
        DeleteRanges deletes = log.Deletes ??= new DeleteRanges();
        if (deletes.Intersects((uint)start, end))
            return false;
        if (source == UpdateSource.Peer && StoredBytes + BytesPerRange > _options.MaxStoredBytes)
            return false;
        int before = deletes.Count;
        deletes.Add((uint)start, end);
        _deleteChanges++;
        _rangeCount += deletes.Count - before;
        _hasNovelPart = true;
        _novelIsEverything = false;
        _novelStructs.Clear();
        _novelDeletes.Clear();
        _novelDeletes.Add(new NovelRange(log, (uint)start, end));
        result = new ApplyResult(ApplyOutcome.Whole, update.Length, Parked: false);
        return true;
    }

    private ApplyResult ApplyPlanned(ReadOnlySpan<byte> update, UpdateSource source)
    {
        ApplyPlan plan = ApplyPlan.Rent();
        try
        {
            plan.Make(update, this, source);
            if (source == UpdateSource.Peer)
                Admit(update, plan);
            return Commit(update, plan);
        }
        finally
        {
            ApplyPlan.Return(plan);
        }
    }

    private void Admit(ReadOnlySpan<byte> update, ApplyPlan plan)
    {
        if (plan.Scan.DeadUnits > (ulong)_options.MaxDeletedRun)
            throw new UpdateLimitException(UpdateLimit.DeletedRun, "The update claims too many deleted units.");
        long growth = plan.AppliedBytes + plan.ParkedBytes + ((long)(plan.NewDeletes.Count + plan.Scan.Dead.Count) * BytesPerRange);
        bool grows = plan.AppliedBytes + plan.ParkedBytes + plan.NewDeletes.Count + plan.Scan.Dead.Count > 0;
        if (grows && StoredBytes + growth > _options.MaxStoredBytes)
            throw new UpdateLimitException(UpdateLimit.DocumentBytes, "The document would be larger than allowed.");
        if (_options.DetectForks)
            ForkDetector.Check(update, plan);
    }

    // Nothing in here may fail: the update is validated and admitted.
    private ApplyResult Commit(ReadOnlySpan<byte> update, ApplyPlan plan)
    {
        // Loading a document is the one time when the new part is large, and then it is simply everything.
        _novelIsEverything = IsEmpty;
        _novelStructs.Clear(KeepNovelRanges);
        _novelDeletes.Clear(KeepNovelRanges);

        // 1. Structs that fit, and those that wait.
        long bytesBefore = _structBytes;
        foreach (ref readonly ApplyPlan.Section section in plan.Sections.Items)
        {
            foreach (ref readonly UpdateScan.Run run in plan.Scan.Runs.Items[section.FirstRun..section.EndRun])
            {
                if (run.Cut > run.From)
                    AppendRun(FindOrAdd(section.Client), update, run, plan.Scan.Marks.Items[run.FirstMark..run.EndMark]);
            }
        }

        long appended = _structBytes - bytesBefore; // of a struct that was half known, only the half that is new
        foreach ((int section, ParkedRun run) in plan.NewParked)
            Park(FindOrAdd(plan.Sections[section].Client), run);
        foreach (byte[] root in plan.Scan.NewRoots)
            _roots.Add(root);

        // 2. Deletions: the delete set, and what arrived deleted without being in it (or is parked alive).
        bool anything = plan.HasApplied || plan.NewParked.Count > 0;
        long bytes = appended + plan.ParkedBytes;
        AddDeletes(plan.NewDeletes.Items, ref anything, ref bytes);
        if (plan.Scan.Dead.Count > 0)
        {
            plan.NewDeletes.Clear();
            CollectMissing(plan.Scan.Dead.Items, ref plan.NewDeletes, out _);
            AddDeletes(plan.NewDeletes.Items, ref anything, ref bytes);
        }

        // 3. What waited for this.
        bool parked = plan.NewParked.Count > 0;
        foreach (ref readonly ApplyPlan.Section section in plan.Sections.Items)
        {
            if (Find(section.Client) is not { } log)
                continue;
            NoteDeletesAhead(log);
            if (log.HasParked || log.Waiters is not null)
                _due.Enqueue(log);
        }

        RetryParked();

        _hasNovelPart = anything;
        if (!anything)
            return default;
        return new ApplyResult(
            plan.SomeKnown ? ApplyOutcome.Partial : ApplyOutcome.Whole, (int)Math.Min(bytes, update.Length), parked);
    }

    private void AppendRun(ClientLog log, ReadOnlySpan<byte> update, in UpdateScan.Run run, ReadOnlySpan<UpdateScan.Mark> marks)
    {
        const int Few = 4;
        if (log.State == 0)
            _clientCount++;
        long bytesBefore = log.Bytes;
        int structsBefore = log.StructCount;
        uint stateBefore = log.State;
        Lib0Reader reader = new(update[..run.CutOffset]);
        StructView view = default;
        int offset = run.FromOffset;
        int ordinal = run.FromOrdinal;
        reader.Skip(offset);
        if (run.From > run.FromClock)
        {
            StructReader.Read(ref reader, ref view);
            AppendSlice(log, update, view, run.FromClock, run.From - run.FromClock);
            ordinal++;
            offset = view.End;
        }

        // Single edits continue each other; a long section is copied as it is, only its first struct may continue the last one we have.
        int extendable = run.CutOrdinal - ordinal <= Few ? run.CutOrdinal - ordinal : log.StructCount > 0 ? 1 : 0;
        for (; extendable > 0; extendable--)
        {
            StructReader.Read(ref reader, ref view);
            if (!log.TryExtend(update, view, _sizes))
            {
                if (run.CutOrdinal - ordinal > Few)
                    break;
                log.Append(update, view, _sizes);
            }

            ordinal++;
            offset = view.End;
        }

        if (ordinal < run.CutOrdinal)
        {
            int last = run.CutOrdinal == run.Count ? run.LastOffset - offset : -1;
            log.AppendMarked(
                update[offset..run.CutOffset], marks, offset, ordinal, run.Cut, run.CutOrdinal - ordinal, last, _sizes);
        }

        _structBytes += log.Bytes - bytesBefore;
        _structCount += log.StructCount - structsBefore;
        if (!_novelIsEverything)
            _novelStructs.Add(new NovelRange(log, stateBefore, log.State));
    }

    private void AppendSlice(ClientLog log, ReadOnlySpan<byte> source, in StructView view, uint clock, uint from)
    {
        _cut.Clear();
        WireWriter writer = new(_cut);
        StructSlicer.Write(source, view, log.Client, clock, from, view.Length, ref writer);
        writer.Flush();
        Lib0Reader reader = new(_cut.Written);
        StructView slice = default;
        StructReader.Read(ref reader, ref slice);
        log.Append(_cut.Written, slice, _sizes);
    }

    // Ranges that are missing so far: clients in groups, clocks ascending.
    private void AddDeletes(ReadOnlySpan<ClockRange> missing, ref bool anything, ref long bytes)
    {
        anything |= !missing.IsEmpty;
        if (!_novelIsEverything)
            _novelDeletes.Reserve(missing.Length);
        while (!missing.IsEmpty)
        {
            ulong client = missing[0].Client;
            int count = 1;
            while (count < missing.Length && missing[count].Client == client && missing[count].Start >= missing[count - 1].End)
                count++;
            ClientLog log = FindOrAdd(client);
            DeleteRanges deletes = log.Deletes ??= new DeleteRanges();
            int before = deletes.Count;
            deletes.AddMissing(missing[..count]);
            _deleteChanges++;
            _rangeCount += deletes.Count - before;
            NoteDeletesAhead(log);
            foreach (ref readonly ClockRange range in missing[..count])
            {
                bytes += Lib0Writer.VarUIntLength(range.Start) + Lib0Writer.VarUIntLength(range.End - range.Start);
                if (!_novelIsEverything)
                    _novelDeletes.Add(new NovelRange(log, range.Start, range.End));
            }

            missing = missing[count..];
        }
    }

    private bool TryReadKnown(ReadOnlySpan<byte> update, ref int at, ClientLog own, out ulong client, out ulong clock)
    {
        clock = 0;
        return ShortVarUInt.TryRead(update, ref at, out client)
            && ShortVarUInt.TryRead(update, ref at, out clock)
            && clock < (client == own.Client ? own.State : StateOf(client));
    }
}
