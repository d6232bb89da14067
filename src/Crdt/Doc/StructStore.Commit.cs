namespace CoEdit.Crdt;

/// <summary>What a transaction leaves to do at its end: collecting what it deleted and joining what can be joined.</summary>
internal sealed partial class StructStore
{
    /// <summary>Drops the content of everything the transaction deleted, except what is kept for undo or by the filter.</summary>
    public void CollectDeleted(Transaction transaction, Predicate<Id>? filter)
    {
        Span<ClockRun> runs = transaction.Deletes.Items;
        for (int i = runs.Length - 1; i >= 0; i--)
        {
            ClientStructs structs = _clients[runs[i].Client];
            int end = runs[i].End;
            for (int position = structs.Find(runs[i].Clock); position >= 0 && structs.ClockAt(position) < end; position = structs.Next(position))
            {
                int handle = structs.HandleAt(position);
                ref Item item = ref Items[handle];
                if (!item.IsDeleted || item.IsGc || item.Kind == StructKind.Deleted || item.Has(Item.Keep))
                    continue;
                if (filter is null || filter(IdOf(item)))
                    Collect(handle);
            }
        }
    }

    /// <summary>Joins structs around what was deleted, then what is new, then around the cuts.</summary>
    public void MergeChanged(Transaction transaction)
    {
        Span<ClockRun> runs = transaction.Deletes.Items;
        for (int i = runs.Length - 1; i >= 0; i--)
        {
            ClientStructs structs = _clients[runs[i].Client];

            // New structs are all tried below.
            if (structs.ChangedIn == transaction.Number && runs[i].Clock >= structs.Before)
                continue;
            MergeAround(structs, runs[i].Clock, runs[i].End);
        }

        foreach (ref readonly Transaction.ClientChange change in transaction.Changes.Items)
        {
            ClientStructs structs = _clients[change.Client];
            MergeTail(structs, structs.Find(change.Before));
        }

        Span<ClockPoint> candidates = transaction.MergeCandidates.Items;
        for (int i = candidates.Length - 1; i >= 0; i--)
        {
            ClientStructs structs = _clients[candidates[i].Client];
            int position = structs.Find(candidates[i].Clock);
            if (structs.Next(position) is var next and >= 0)
            {
                position = MergeLeft(structs, next, out int merged);
                if (merged > 1)
                    continue;
                if (merged == 0)
                    position = structs.Previous(position);
            }

            MergeLeft(structs, position, out _);
        }
    }

    private void MergeAround(ClientStructs structs, int start, int end)
    {
        int position = structs.Find(end - 1);
        if (structs.Next(position) is var next and >= 0)
            position = next;
        while (position >= 0 && structs.ClockAt(position) >= start && structs.Previous(position) >= 0)
            position = structs.Previous(MergeLeft(structs, position, out _));
    }
}
