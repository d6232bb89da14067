namespace CoEdit.Crdt;

/// <summary>Deleting format marks that have no effect, exactly where Yjs does: the deletions are part of the document.</summary>
internal sealed partial class StructStore
{
    /// <summary>After a remote change of a formatted text: clean up what the change touched, in a transaction of its own.</summary>
    public void CleanupFormatting(Transaction transaction)
    {
        OrderedDictionary<int, bool> whole = [];
        foreach (ref readonly Transaction.ClientChange change in transaction.Changes.Items)
        {
            ClientStructs structs = _clients[change.Client];
            CleanStart(transaction, change.Client, change.Before);
            for (int position = structs.Find(change.Before); position >= 0; position = structs.Next(position))
            {
                ref Item item = ref Items[structs.HandleAt(position)];
                if (!item.IsDeleted && item.Kind == StructKind.Format)
                    whole.TryAdd(item.Parent, true);
            }
        }

        HashSet<int> cleaned = [];
        Transaction cleanup = Doc.Begin(null, local: true, out bool outermost);
        try
        {
            for (int i = 0; i < transaction.Deletes.Count; i++)
                CleanupDeleted(transaction, cleanup, transaction.Deletes[i], whole, cleaned);
            foreach (int type in whole.Keys)
                CleanupType(cleanup, type);
        }
        finally
        {
            Doc.End(cleanup, outermost);
        }
    }

    private void CleanupDeleted(Transaction transaction, Transaction cleanup, ClockRun run, OrderedDictionary<int, bool> whole, HashSet<int> cleaned)
    {
        CleanStart(transaction, run.Client, run.Clock);
        for (int clock = run.Clock; clock < run.End;)
        {
            int handle = Find(run.Client, clock);
            if (run.End < Items[handle].End)
                CleanStart(transaction, run.Client, run.End);
            ref Item item = ref Items[handle];
            clock = item.End;
            if (item.IsGc || !_types[item.Parent].HasFormatting || whole.ContainsKey(item.Parent))
                continue;
            if (item.Kind == StructKind.Format)
                whole.Add(item.Parent, true);
            else
                CleanupAround(cleanup, handle, cleaned);
        }
    }

    // Around a deletion it is enough to know the gap between two contents: of several marks of one key only the last one counts.
    // A gap is done once, however many deletions it has.
    private void CleanupAround(Transaction transaction, int handle, HashSet<int> cleaned)
    {
        if (cleaned.Contains(handle))
            return;
        while (Items[handle].Right is var right && right != None && (Items[right].IsDeleted || !Items[right].IsCountable))
            handle = right;
        HashSet<int> seen = [];
        while (handle != None && (Items[handle].IsDeleted || !Items[handle].IsCountable))
        {
            cleaned.Add(handle);
            if (!Items[handle].IsDeleted && Items[handle].Kind == StructKind.Format)
            {
                int key = FormatKey(handle);
                if (!seen.Add(key))
                    Delete(transaction, handle);
            }

            handle = Items[handle].Left;
        }
    }

    private void CleanupType(Transaction transaction, int type)
    {
        int start = _types[type].Start;
        FormatMap startAttributes = new();
        FormatMap attributes = new();
        for (int end = start; end != None; end = Items[end].Right)
        {
            ref Item item = ref Items[end];
            if (item.IsDeleted)
                continue;
            if (item.Kind == StructKind.Format)
            {
                attributes.Pass(FormatKey(end), FormatValue(end));
                continue;
            }

            CleanupGap(transaction, start, end, startAttributes, attributes);
            startAttributes = attributes.Clone();
            start = end;
        }
    }

    // From start to the next content: deletes marks that are overridden in the same gap or repeat what is in effect.
    private void CleanupGap(Transaction transaction, int start, int current, FormatMap startAttributes, FormatMap attributes)
    {
        Dictionary<int, int>? lastOfKey = null;
        int end = start;
        while (end != None && (!Items[end].IsCountable || Items[end].IsDeleted))
        {
            if (!Items[end].IsDeleted && Items[end].Kind == StructKind.Format)
                (lastOfKey ??= [])[FormatKey(end)] = end;
            end = Items[end].Right;
        }

        bool reached = false;
        for (; start != end; start = Items[start].Right)
        {
            reached |= start == current;
            if (Items[start].IsDeleted || Items[start].Kind != StructKind.Format)
                continue;
            int key = FormatKey(start);
            YValue value = FormatValue(start);
            YValue before = startAttributes.Get(key);
            if (lastOfKey![key] != start || before.IsSame(value))
            {
                Delete(transaction, start);
                if (!reached && attributes.Get(key).IsSame(value) && !before.IsSame(value))
                {
                    if (before.IsNull)
                        attributes.Remove(key);
                    else
                        attributes.Set(key, before);
                }
            }
            else if (!reached)
            {
                attributes.Pass(key, value);
            }
        }
    }
}
