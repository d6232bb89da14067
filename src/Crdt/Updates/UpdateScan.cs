namespace CoEdit.Crdt;

/// <summary>What one validating pass over an update found: where its structs lie, what they need, what they delete.</summary>
/// <remarks>
/// One per thread and reused (<see cref="Rent"/>), so that idle documents hold only their data. It describes positions in the update and
/// copies nothing. Its size is bounded by a small multiple of the update's.
/// </remarks>
internal sealed class UpdateScan
{
    /// <summary>A section longer than this gets marks, so that its bytes can be cut into chunks at struct boundaries.</summary>
    public const int MarkDistance = 8192;

    private const int KeepEntries = 4096;

    [ThreadStatic]
    private static UpdateScan? s_cached;

    /// <summary>Consecutive structs of one client, without Skips.</summary>
    public ScratchList<Run> Runs;

    /// <summary>References to units that were unknown before this update, in the order of the structs that make them.</summary>
    public ScratchList<Need> Needs;

    /// <summary>Struct boundaries about <see cref="MarkDistance"/> bytes apart.</summary>
    public ScratchList<Mark> Marks;

    /// <summary>The delete set, as it was sent: unsorted, empty ranges left out.</summary>
    public ScratchList<ClockRange> Deletes;

    /// <summary>New units that arrive deleted: GC and Deleted structs.</summary>
    public ScratchList<ClockRange> Dead;

    /// <summary>Root names the store has not seen; only filled for a scan with a store.</summary>
    public readonly HashSet<byte[]> NewRoots = new(NameComparer.Instance);

    /// <summary>Sum of <see cref="Dead"/>.</summary>
    public ulong DeadUnits;

    public struct Run
    {
        public ulong Client;
        public uint Start;
        public uint End;
        public int Offset;
        public int EndOffset;
        public int LastOffset;
        public int Count;
        public int FirstNeed;
        public int EndNeed;
        public int FirstMark;
        public int EndMark;

        /// <summary>Set by the plan: the first unit of the run that is new.</summary>
        public uint From;

        /// <summary>Set by the plan: the struct that holds <see cref="From"/>.</summary>
        public uint FromClock;
        public int FromOffset;
        public int FromOrdinal;

        /// <summary>Set by the plan: the unit, its struct's offset and ordinal from which the run cannot be applied yet.</summary>
        public uint Cut;
        public int CutOffset;
        public int CutOrdinal;

        /// <summary>False when <see cref="Cut"/> lies inside that struct, whose first part is known.</summary>
        public bool CutIsBoundary;
    }

    public struct Need
    {
        public ulong Client;
        public uint Clock;

        /// <summary>The struct that needs it.</summary>
        public uint Start;
        public uint End;
        public int Offset;
        public int Ordinal;
    }

    public readonly record struct Mark(int Offset, uint Clock, int Ordinal);

    /// <summary>Takes the thread's scan. Give it back with <see cref="Return"/>; an exception in between just costs a new one.</summary>
    public static UpdateScan Rent()
    {
        UpdateScan scan = s_cached ?? new UpdateScan();
        s_cached = null;
        return scan;
    }

    public static void Return(UpdateScan scan)
    {
        scan.Clear();
        s_cached = scan;
    }

    public void Clear()
    {
        Runs.Clear(KeepEntries);
        Needs.Clear(KeepEntries);
        Marks.Clear(KeepEntries);
        Deletes.Clear(KeepEntries);
        Dead.Clear(KeepEntries);
        if (NewRoots.Count > 0)
        {
            NewRoots.Clear();
            NewRoots.TrimExcess();
        }

        DeadUnits = 0;
    }
}
