using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>Finds structs in an update that contradict what the store holds under the same ids.</summary>
/// <remarks>
/// Compared is unit by unit, for how units are grouped into structs is everybody's own business:
/// <code>
/// stored     "Hello wor" | "ld"           | Deleted 3  | Any 1 2
/// update         "lo world" | Deleted 2 | "xyz" | GC 1 | Any 2
///                 ^ implicit origin: the unit in front
/// </code>
/// Deleted and GC match anything. Where the bytes are the same, which is where clients resend what they have, nothing but the stored
/// side is stepped over, and not even that if a whole chunk is the same.
/// </remarks>
internal sealed class ForkDetector
{
    // An update whose structs overlap each other is walked over so many times its length at most.
    private const int OverlapFactor = 8;

    private readonly ContentComparer _contents = new();
    private ulong _client;

    /// <summary>Looks at all structs of a planned update, those included that will be applied or parked.</summary>
    /// <exception cref="ForkedUpdateException">A unit is known to be something else, or is two things in the update itself.</exception>
    // Its large cursors have no business in the stack frame of updates that need no check.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Check(ReadOnlySpan<byte> update, ApplyPlan plan)
    {
        ForkDetector? detector = null;
        long overlapBudget = OverlapFactor * (long)update.Length;
        foreach (ref readonly ApplyPlan.Section section in plan.Sections.Items)
        {
            ReadOnlySpan<UpdateScan.Run> runs = plan.Scan.Runs.Items[section.FirstRun..section.EndRun];
            bool isKnown = section.Log is { } log && (runs[0].Start < log.State || log.HasParked);
            if (!isKnown && !plan.HasOverlaps)
                continue;
            detector ??= new ForkDetector();
            detector._client = section.Client;
            if (isKnown)
                detector.CompareWithKnown(update, runs, new KnownUnits(section.Log!));
            if (plan.HasOverlaps)
                detector.CompareWithEachOther(update, runs, ref overlapBudget);
        }
    }

    private void CompareWithKnown(ReadOnlySpan<byte> update, ReadOnlySpan<UpdateScan.Run> runs, KnownUnits known)
    {
        uint clock = 0;
        foreach (ref readonly UpdateScan.Run run in runs)
        {
            clock = Math.Max(clock, run.Start);
            UnitCursor incoming = new(update[..run.EndOffset], run.Offset, run.Start);
            while (clock < run.End && known.TryMoveTo(clock) && known.Start < run.End)
            {
                clock = Math.Max(clock, known.Start);
                uint to = Math.Min(run.End, known.End);
                known.Cursor.AdvanceTo(clock);
                incoming.AdvanceTo(clock);
                Compare(ref known.Cursor, ref incoming, to, known.End);
                clock = to;
            }
        }
    }

    // Runs are sorted by their start, so whatever overlaps one of them overlaps the one that has reached furthest so far.
    private void CompareWithEachOther(ReadOnlySpan<byte> update, ReadOnlySpan<UpdateScan.Run> runs, ref long budget)
    {
        uint end = runs[0].End;
        UnitCursor furthest = new(update[..runs[0].EndOffset], runs[0].Offset, runs[0].Start);
        foreach (ref readonly UpdateScan.Run run in runs[1..])
        {
            UnitCursor next = new(update[..run.EndOffset], run.Offset, run.Start);
            if (run.Start < end)
            {
                furthest.AdvanceTo(run.Start);
                UnitCursor known = furthest;
                UnitCursor incoming = next;
                known.Load();
                int start = known.Position;
                Compare(ref known, ref incoming, Math.Min(run.End, end), end);
                budget -= known.Position - start;
                if (budget < 0)
                    throw new MalformedUpdateException("The structs of an update overlap each other many times.");
            }

            if (run.End > end)
            {
                end = run.End;
                furthest = next;
            }
        }
    }

    /// <summary>Moves both cursors from the unit where they stand to <paramref name="to"/>.</summary>
    private void Compare(ref UnitCursor known, ref UnitCursor incoming, uint to, uint knownEnd)
    {
        while (incoming.Clock < to)
        {
            if (known.IsAtStruct && incoming.IsAtStruct && SkipIdentical(ref known, ref incoming, knownEnd))
                continue;
            known.Load();
            incoming.Load();
            uint units = Math.Min(Math.Min(known.End, incoming.End), to) - incoming.Clock;
            CompareUnits(known, incoming, units);
            known.Advance(units);
            incoming.Advance(units);
        }
    }

    // What is skipped ends with a struct on both sides, so it reaches neither behind knownEnd nor behind the update's run.
    private static bool SkipIdentical(ref UnitCursor known, ref UnitCursor incoming, uint knownEnd)
    {
        ReadOnlySpan<byte> rest = known.Rest;
        int start = known.Offset;
        int same = rest.CommonPrefixLength(incoming.Rest);
        if (same == rest.Length)
        {
            known.Jump(same, knownEnd);
            incoming.Jump(same, knownEnd);
            return true;
        }

        int skipped = 0;
        while (true)
        {
            known.Load();
            int behind = known.EndOffset - start;
            if (behind > same)
                break;
            skipped = behind;
            known.Advance(known.End - known.Clock);
        }

        if (skipped > 0)
            incoming.Jump(skipped, known.Clock);
        return skipped > 0;
    }

    private void CompareUnits(scoped in UnitCursor known, scoped in UnitCursor incoming, uint units)
    {
        if (known.IsDead || incoming.IsDead)
            return;
        if (known.Kind != incoming.Kind)
            Throw(incoming.Clock, "holds another kind of content");
        ComparePlaces(known, incoming);
        uint equal = _contents.CountEqual(known, incoming, units);
        if (equal < units)
            Throw(incoming.Clock + equal, "holds other content");
    }

    private void ComparePlaces(scoped in UnitCursor known, scoped in UnitCursor incoming)
    {
        uint clock = incoming.Clock;
        Id? origin = known.OriginOf(_client);
        Id? incomingOrigin = incoming.OriginOf(_client);
        if (origin != incomingOrigin)
        {
            // A client that knows the unit in front as collected has no origin for this one.
            bool isBesideCollected = (origin ?? incomingOrigin) == new Id(_client, clock - 1) && (origin is null || incomingOrigin is null);
            if (!isBesideCollected)
                Throw(clock, "was inserted behind another unit");
        }

        if (known.HasRightOrigin != incoming.HasRightOrigin || (known.HasRightOrigin && known.RightOrigin != incoming.RightOrigin))
            Throw(clock, "was inserted in front of another unit");
        if (known.HasParent && incoming.HasParent && !IsSameParent(known, incoming))
            Throw(clock, "belongs to another type or key");
    }

    private static bool IsSameParent(scoped in UnitCursor a, scoped in UnitCursor b)
    {
        if (a.ParentIsRoot != b.ParentIsRoot || a.HasKey != b.HasKey)
            return false;
        bool sameType = a.ParentIsRoot ? a.RootName.SequenceEqual(b.RootName) : a.Parent == b.Parent;
        return sameType && (!a.HasKey || a.Key.SequenceEqual(b.Key));
    }

    [DoesNotReturn]
    private void Throw(uint clock, string what) =>
        throw new ForkedUpdateException(_client, clock, $"The unit {clock} of client {_client} {what} than the one that is known.");
}
