namespace CoEdit.Crdt;

/// <summary>A batch of changes to one document that becomes one update and one round of events.</summary>
/// <remarks>Valid until its last event (<see cref="YDoc.AfterTransactionCleanup"/> and the update events) has returned; the object is used again.</remarks>
public sealed partial class Transaction
{
    internal ScratchList<ClockRun> Deletes;
    internal ScratchList<ClockPoint> MergeCandidates;
    internal ScratchList<ClientChange> Changes;
    internal ScratchList<int> ChangedTypes;
    internal ScratchList<ChangedKey> ChangedKeys;
    internal DocList? AddedDocs;
    internal DocList? LoadedDocs;
    internal DocList? RemovedDocs;
    internal int Number;
    internal bool DeletesSorted;
    internal bool NeedsFormattingCleanup;

    /// <summary>Something that has content was deleted, so there may be something to collect.</summary>
    internal bool HasNewlyDeleted;

    /// <summary>The one change of the transaction left nothing to collect or to join, and no observer waits for it.</summary>
    internal bool IsSettled;
    private Dictionary<object, object?>? _meta;
    private Dictionary<int, HashSet<int>>? _keysByType;
    private int _keysGrouped;
    private Dictionary<int, (int First, int Count)>? _deletedByClient;
    private int _deleteRanks;

    internal Transaction(YDoc doc) => Doc = doc;

    /// <summary>The document.</summary>
    public YDoc Doc { get; }

    /// <summary>What the caller of <see cref="YDoc.Transact(Action{Transaction}, object?)"/> or <see cref="YDoc.ApplyUpdate"/> passed to tell its changes from others.</summary>
    public object? Origin { get; internal set; }

    /// <summary>True when the changes were made here, false when an update was applied.</summary>
    public bool IsLocal { get; internal set; }

    /// <summary>A place for notes that belong to this transaction.</summary>
    public IDictionary<object, object?> Meta => _meta ??= [];

    internal void Begin(int number, object? origin, bool local)
    {
        Number = number;
        Origin = origin;
        IsLocal = local;
    }

    internal void Reset()
    {
        const int keep = 1024;
        Deletes.Clear(keep);
        MergeCandidates.Clear(keep);
        Changes.Clear(keep);
        ChangedTypes.Clear(keep);
        ChangedKeys.Clear(keep);
        AddedDocs = LoadedDocs = RemovedDocs = null;
        NeedsFormattingCleanup = false;
        HasNewlyDeleted = false;
        IsSettled = false;
        _deleteRanks = 0;
        _deletedByClient = null;
        _keysByType = null;
        _keysGrouped = 0;
        DeletesSorted = false;
        _meta = null;
        Origin = null;
    }

    /// <summary>Remembers a client's clock before its first new struct.</summary>
    internal void Touch(ClientStructs structs)
    {
        if (structs.ChangedIn == Number)
            return;
        structs.ChangedIn = Number;
        structs.Before = structs.State;
        Changes.Add(new ClientChange(structs.Index, structs.State));
    }

    /// <summary>The client's clock when this transaction began. Only while it is the document's latest transaction.</summary>
    internal int BeforeClock(ClientStructs structs) => structs.ChangedIn == Number ? structs.Before : structs.State;

    internal void AddDeleted(int client, int clock, int length)
    {
        if (Deletes.Count > 0)
        {
            ref ClockRun last = ref Deletes.Last;
            if (last.Client == client && last.End == clock)
            {
                last.Length += length;
                return;
            }
        }

        Deletes.Add(new ClockRun(client, clock, length));
        DeletesSorted = false;
    }

    /// <summary>
    /// Lists a type as changed, unless it is new or deleted itself. Key -1 is the list. Who reads the list passes over types that were deleted
    /// afterwards.
    /// </summary>
    internal void AddChanged(StructStore store, int type, int key)
    {
        ref TypeNode node = ref store.Type(type);
        if (node.Owner != StructStore.None)
        {
            ref Item owner = ref store.Items[node.Owner];
            if (owner.IsDeleted || owner.Clock >= BeforeClock(store.Client(owner.Client)))
                return;
        }

        if (node.ChangedIn != Number)
        {
            node.ChangedIn = Number;
            ChangedTypes.Add(type);
        }

        if (store.Doc.IsObserved)
            ChangedKeys.Add(new ChangedKey(type, key));
    }

    /// <summary>The keys of a type that changed, -1 for its list, in the order of their first change.</summary>
    internal HashSet<int> KeysOf(int type)
    {
        _keysByType ??= [];
        for (; _keysGrouped < ChangedKeys.Count; _keysGrouped++)
        {
            ChangedKey changed = ChangedKeys[_keysGrouped];
            if (!_keysByType.TryGetValue(changed.Type, out HashSet<int>? keys))
                _keysByType.Add(changed.Type, keys = []);
            keys.Add(changed.Key);
        }

        return _keysByType.TryGetValue(type, out HashSet<int>? found) ? found : [];
    }

    internal void AddSubdoc(YDoc subdoc, int item)
    {
        subdoc.AttachTo(Doc, item);
        DocList.Add(ref AddedDocs, subdoc);
        if (subdoc.ShouldLoad)
            DocList.Add(ref LoadedDocs, subdoc);
    }

    internal void RemoveSubdoc(YDoc subdoc)
    {
        if (AddedDocs is null || !AddedDocs.Remove(subdoc))
            DocList.Add(ref RemovedDocs, subdoc);
    }

    /// <summary>Sorts the deleted runs and joins those that touch or overlap. Clients stay in the order of their first deletion.</summary>
    /// <remarks>The formatting clean-up goes through the runs in this order, and what it does depends on it.</remarks>
    internal void SortDeletes()
    {
        if (DeletesSorted)
            return;
        DeletesSorted = true;
        if (Deletes.Count < 2)
            return;
        StructStore store = Doc.Store;
        if (!RankClients(store))
            Deletes.Items.Sort(new ByRank(store));
        JoinRuns(ref Deletes);
    }

    // True when the runs are sorted already, which those of a loaded document are.
    private bool RankClients(StructStore store)
    {
        bool sorted = true;
        ClockRun before = new(-1, 0, 0);
        foreach (ref readonly ClockRun run in Deletes.Items)
        {
            if (run.Client == before.Client)
            {
                sorted &= run.Clock >= before.Clock;
            }
            else
            {
                ClientStructs structs = store.Client(run.Client);
                sorted &= structs.DeletedIn != Number;
                if (structs.DeletedIn != Number)
                    structs.DeleteRank = _deleteRanks++;
                structs.DeletedIn = Number;
            }

            before = run;
        }

        return sorted;
    }

    internal static void Normalize(ref ScratchList<ClockRun> list)
    {
        list.Items.Sort(default(ByIndex));
        JoinRuns(ref list);
    }

    private static void JoinRuns(ref ScratchList<ClockRun> list)
    {
        Span<ClockRun> runs = list.Items;
        int kept = 0;
        for (int i = 1; i < runs.Length; i++)
        {
            ref ClockRun last = ref runs[kept];
            if (runs[i].Client == last.Client && runs[i].Clock <= last.End)
                last.Length = Math.Max(last.Length, runs[i].End - last.Clock);
            else
                runs[++kept] = runs[i];
        }

        list.Shrink(kept + 1);
    }

    /// <summary>The client's clock when this transaction began, even when later ones have changed it since.</summary>
    internal int ClockBefore(ClientStructs structs)
    {
        if (structs.ChangedIn == Number)
            return structs.Before;
        return structs.ChangedIn < Number ? structs.State : Doc.ClockBefore(this, structs);
    }

    internal bool TryGetChange(ClientStructs structs, out int before)
    {
        before = 0;
        foreach (ref readonly ClientChange change in Changes.Items)
        {
            if (change.Client != structs.Index)
                continue;
            before = change.Before;
            return true;
        }

        return false;
    }

    /// <summary>True when a unit is among the sorted deletions.</summary>
    internal bool HasDeleted(int client, int clock)
    {
        ReadOnlySpan<ClockRun> runs = Deletes.Items;
        if (runs.Length > 1 && _deletedByClient is null)
        {
            _deletedByClient = [];
            for (int i = 0; i < runs.Length; i++)
            {
                if (i == 0 || runs[i].Client != runs[i - 1].Client)
                    _deletedByClient[runs[i].Client] = (i, 1);
                else
                    _deletedByClient[runs[i].Client] = (_deletedByClient[runs[i].Client].First, _deletedByClient[runs[i].Client].Count + 1);
            }
        }

        if (_deletedByClient is not null)
        {
            if (!_deletedByClient.TryGetValue(client, out (int First, int Count) group))
                return false;
            runs = runs.Slice(group.First, group.Count);
        }

        int low = 0;
        int high = runs.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (runs[middle].Client != client)
                return false;
            if (clock < runs[middle].Clock)
                high = middle - 1;
            else if (clock >= runs[middle].End)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>True when the transaction gave a client new structs.</summary>
    internal bool HasChanged(ClientStructs structs)
    {
        foreach (ref readonly ClientChange change in Changes.Items)
        {
            if (change.Client == structs.Index)
                return true;
        }

        return false;
    }

    private readonly struct ByIndex : IComparer<ClockRun>
    {
        public int Compare(ClockRun x, ClockRun y) => x.Client != y.Client ? x.Client.CompareTo(y.Client) : x.Clock.CompareTo(y.Clock);
    }

    private readonly struct ByRank(StructStore store) : IComparer<ClockRun>
    {
        public int Compare(ClockRun x, ClockRun y) => x.Client == y.Client
            ? x.Clock.CompareTo(y.Clock)
            : store.Client(x.Client).DeleteRank.CompareTo(store.Client(y.Client).DeleteRank);
    }

    internal readonly record struct ClientChange(int Client, int Before);

    internal readonly record struct ChangedKey(int Type, int Key);
}
