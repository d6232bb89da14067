using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>Decides what of a scanned update can be applied, what is known, and what has to wait. Changes nothing.</summary>
/// <remarks>
/// The client sections of an update may depend on each other in turn, so they are walked interleaved, with a stack of clients:
/// <code>
/// A: [a0 a1 | a2 needs (B,5) …]      push A, run B until its state passes 5 …
/// B: [b0 … b4 | b5 needs (C,0) …]        push B, run C until its state passes 0 …
/// C: not here, or on the stack       …   everybody on the stack is parked from where he stands
/// </code>
/// Only structs that need something unknown are looked at; whatever lies between two of them follows from clock order.
/// One per thread, reused.
/// </remarks>
internal sealed partial class ApplyPlan
{
    private const int KeepEntries = 4096;

    [ThreadStatic]
    private static ApplyPlan? s_cached;

    private readonly Stack<int> _stack = new();
    private UpdateStore _store = null!;

    /// <summary>Clients with structs in the update, ids descending.</summary>
    public ScratchList<Section> Sections;

    /// <summary>What of the delete set is new: clients descending, clocks ascending, disjoint.</summary>
    public ScratchList<ClockRange> NewDeletes;

    public List<(int Section, ParkedRun Run)> NewParked { get; } = [];

    public UpdateScan Scan { get; } = new();

    public long AppliedBytes { get; private set; }

    public long ParkedBytes { get; private set; }

    public int ParkedStructs { get; private set; }

    /// <summary>True when some struct or range of the update was known.</summary>
    public bool SomeKnown { get; private set; }

    public bool HasApplied { get; private set; }

    /// <summary>True when the update holds some unit twice.</summary>
    public bool HasOverlaps { get; private set; }

    internal enum Progress
    {
        /// <summary>Nobody has needed it yet, or it went as far as it was needed.</summary>
        Ready,
        OnStack,
        Done,
        Parked,
    }

    internal struct Section
    {
        public ulong Client;
        public ClientLog? Log;

        /// <summary>The state the client would have.</summary>
        public uint State;

        /// <summary>It is on the stack until <see cref="State"/> is above this.</summary>
        public uint Goal;
        public int FirstRun;
        public int EndRun;
        public int Run;
        public int Need;
        public Progress Progress;
    }

    private enum Halt
    {
        Reached,
        Exhausted,
        Gap,
        Need,
    }

    public static ApplyPlan Rent()
    {
        ApplyPlan plan = s_cached ?? new ApplyPlan();
        s_cached = null;
        return plan;
    }

    public static void Return(ApplyPlan plan)
    {
        plan.Clear();
        plan.Scan.Clear();
        plan._store = null!;
        s_cached = plan;
    }

    /// <summary>Validates the update and plans it.</summary>
    public void Make(ReadOnlySpan<byte> update, UpdateStore store, UpdateSource source)
    {
        _store = store;
        UpdateScanner.Scan(update, store, Scan, source);
        if (!GroupRuns())
        {
            // Runs of one client overlap. No client writes that, so it may cost a second look that omits no need.
            Clear();
            Scan.Clear();
            UpdateScanner.Scan(update, store, Scan, source, exact: true);
            HasOverlaps = !GroupRuns();
        }

        WalkSections();
        CollectStructs(update, source);
        CollectDeletes();
    }

    private void Clear()
    {
        Sections.Items.Clear();
        Sections.Clear(KeepEntries);
        NewDeletes.Clear(KeepEntries);
        NewParked.Clear();
        _cut.Clear();
        _stack.Clear();
        AppliedBytes = 0;
        ParkedBytes = 0;
        ParkedStructs = 0;
        SomeKnown = false;
        HasApplied = false;
        HasOverlaps = false;
    }

    /// <returns>False when runs of one client overlap.</returns>
    private bool GroupRuns()
    {
        Span<UpdateScan.Run> runs = Scan.Runs.Items;
        bool sorted = true;
        for (int i = 1; i < runs.Length && sorted; i++)
            sorted = Compare(runs[i - 1], runs[i]) <= 0;
        if (!sorted)
            runs.Sort(Compare);
        bool disjoint = true;
        for (int i = 0; i < runs.Length; i++)
        {
            ref UpdateScan.Run run = ref runs[i];
            run.Cut = run.From = run.Start;
            if (i == 0 || runs[i - 1].Client != run.Client)
            {
                ClientLog? log = _store.Find(run.Client);
                Sections.Add(new Section
                {
                    Client = run.Client,
                    Log = log,
                    State = log?.State ?? 0,
                    Goal = uint.MaxValue,
                    FirstRun = i,
                    EndRun = i,
                    Run = i,
                    Need = run.FirstNeed,
                });
            }
            else if (run.Start < runs[i - 1].End)
            {
                disjoint = false;
            }

            Sections.Last.EndRun++;
        }

        return disjoint;
    }

    private static int Compare(UpdateScan.Run a, UpdateScan.Run b) =>
        a.Client != b.Client ? b.Client.CompareTo(a.Client) : a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End);

    private void WalkSections()
    {
        for (int bottom = 0; bottom < Sections.Count; bottom++)
        {
            if (Sections[bottom].Progress != Progress.Ready)
                continue;
            Push(bottom, uint.MaxValue);
            while (_stack.Count > 0)
            {
                ref Section top = ref Sections[_stack.Peek()];
                Halt halt = Run(ref top, out UpdateScan.Need need);
                if (halt == Halt.Reached)
                {
                    top.Progress = Progress.Ready;
                    _stack.Pop();
                    continue;
                }

                if (halt == Halt.Need)
                {
                    int wanted = IndexOf(need.Client);
                    if (wanted >= 0 && Sections[wanted].Progress == Progress.Ready)
                    {
                        Push(wanted, need.Clock);
                        continue;
                    }
                }

                if (halt == Halt.Exhausted)
                {
                    top.Progress = Progress.Done;
                    _stack.Pop();
                }

                // Nobody further down the stack can get what he needs.
                while (_stack.TryPop(out int stuck))
                    Sections[stuck].Progress = Progress.Parked;
            }
        }
    }

    private void Push(int section, uint goal)
    {
        Sections[section].Goal = goal;
        Sections[section].Progress = Progress.OnStack;
        _stack.Push(section);
    }

    /// <summary>Moves one client forward until its goal, its end, or something it lacks.</summary>
    private Halt Run(ref Section section, out UpdateScan.Need need)
    {
        need = default;
        while (section.Run < section.EndRun)
        {
            ref UpdateScan.Run run = ref Scan.Runs[section.Run];
            if (run.Start > section.State)
                return Halt.Gap;
            if (run.Cut == run.Start)
                run.From = Math.Max(run.Start, Math.Min(section.State, run.End));
            if (run.End > section.State)
            {
                for (; section.Need < run.EndNeed; section.Need++)
                {
                    need = Scan.Needs[section.Need];
                    if (need.End <= section.State || StateOf(need.Client) > need.Clock)
                        continue;
                    section.State = Math.Max(section.State, need.Start);
                    run.Cut = section.State;
                    run.CutOffset = need.Offset;
                    run.CutOrdinal = need.Ordinal;
                    run.CutIsBoundary = need.Start == section.State;
                    return section.State > section.Goal ? Halt.Reached : Halt.Need;
                }

                section.State = run.End;
            }

            run.Cut = run.End;
            run.CutOffset = run.EndOffset;
            run.CutOrdinal = run.Count;
            section.Run++;
            if (section.Run < section.EndRun)
                section.Need = Scan.Runs[section.Run].FirstNeed;
            if (section.State > section.Goal)
                return Halt.Reached;
        }

        return Halt.Exhausted;
    }

    private uint StateOf(ulong client)
    {
        int index = IndexOf(client);
        return index < 0 ? _store.StateOf(client) : Sections[index].State;
    }

    private int IndexOf(ulong client)
    {
        int low = 0;
        int high = Sections.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ulong found = Sections[middle].Client;
            if (found == client)
                return middle;
            if (found > client)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    private void CollectDeletes()
    {
        Span<ClockRange> deletes = Scan.Deletes.Items;
        bool sorted = true;
        for (int i = 1; i < deletes.Length && sorted; i++)
            sorted = Compare(deletes[i - 1], deletes[i]) <= 0;
        if (!sorted)
            deletes.Sort(Compare);
        NewDeletes.Reserve(deletes.Length);
        _store.CollectMissing(deletes, ref NewDeletes, out bool someKnown);
        SomeKnown |= someKnown;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Compare(ClockRange a, ClockRange b) =>
        a.Client != b.Client ? b.Client.CompareTo(a.Client) : a.Start.CompareTo(b.Start);
}
