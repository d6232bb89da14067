namespace CoEdit.Crdt;

/// <summary>Where a transaction has changed a list: runs of items that are new, deleted or invisible, in the order of the list.</summary>
/// <remarks>
/// <code>
/// list      aaaa [bb|new|gone] cccc [new] dd      runs in brackets; between them only items that have not changed and are visible
/// index     0     4                  10           visible units in front of a run
/// </code>
/// Found from the transaction's structs and the list's index, so that a small change of a long list doesn't cost a walk through the list.
/// </remarks>
internal readonly record struct ChangedRuns(YEvent Change, StructStore Store, List<(int Index, int First)> Runs)
{
    private const int WorthIt = 256;

    /// <summary>The runs, or false when going through the whole list is the better way.</summary>
    public static bool TryFind(YEvent change, StructStore store, int type, out ChangedRuns found)
    {
        found = new ChangedRuns(change, store, []);
        int length = store.Type(type).Length;
        if (length < WorthIt)
            return false;
        HashSet<int> passed = [];
        int steps = length / 8;
        foreach (int handle in Changed(change, store))
        {
            ref Item item = ref store.Items[handle];
            if (--steps < 0)
                return false;
            if (item.IsGc || item.Parent != type || item.IsKeyed || !passed.Add(handle))
                continue;
            int first = handle;
            bool known = false;
            while (!known && store.Items[first].Left is var left && left != StructStore.None && found.Contains(left))
            {
                if (--steps < 0)
                    return false;
                known = !passed.Add(left);
                first = left;
            }

            if (!known)
                found.Runs.Add((0, first));
        }

        for (int i = 0; i < found.Runs.Count; i++)
            found.Runs[i] = (store.IndexOf(found.Runs[i].First), found.Runs[i].First);
        found.Runs.Sort();
        return true;
    }

    /// <summary>Tells whether an item belongs to a run.</summary>
    public bool Contains(int handle)
    {
        ref Item item = ref Store.Items[handle];
        return item.VisibleLength == 0 || Change.Adds(item);
    }

    // A transaction's deletions are invisible, and so is what was deleted by later ones.
    private static IEnumerable<int> Changed(YEvent change, StructStore store)
    {
        YDoc doc = change.Transaction.Doc;
        for (int number = doc.PlaceInQueue(change.Transaction); doc.InQueue(number) is { } transaction; number++)
        {
            for (int i = 0; i < transaction.Changes.Count; i++)
            {
                ClientStructs structs = store.Client(transaction.Changes[i].Client);
                for (int position = structs.Find(transaction.Changes[i].Before); position >= 0; position = structs.Next(position))
                    yield return structs.HandleAt(position);
            }
        }

        for (int i = 0; i < change.Transaction.Deletes.Count; i++)
        {
            ClockRun run = change.Transaction.Deletes[i];
            ClientStructs structs = store.Client(run.Client);
            for (int position = structs.Find(run.Clock); position >= 0 && structs.ClockAt(position) < run.End; position = structs.Next(position))
                yield return structs.HandleAt(position);
        }
    }
}
