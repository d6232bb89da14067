namespace CoEdit.Crdt;

/// <summary>The change of a list by one transaction as a delta.</summary>
internal sealed class ListEventDelta(YEvent changes, StructStore store)
{
    private readonly List<YDeltaOp> _ops = [];
    private readonly List<YValue> _inserted = [];

    // At most one of these and the insertions is open.
    private int _retain;
    private int _deleted;

    /// <summary>Reads the delta of an event while its observers run. Looking at the whole list, for tests, gives the same.</summary>
    public static List<YDeltaOp> Read(YEvent changes, StructStore store, int type, bool whole = false)
    {
        ListEventDelta delta = new(changes, store);
        if (!whole && ChangedRuns.TryFind(changes, store, type, out ChangedRuns runs))
        {
            int behind = 0;
            foreach ((int index, int first) in runs.Runs)
            {
                delta.Retain(index - behind);
                behind = index;
                for (int handle = first; handle != StructStore.None && runs.Contains(handle); handle = store.Items[handle].Right)
                {
                    delta.Add(handle);
                    behind += store.Items[handle].VisibleLength;
                }
            }
        }
        else
        {
            for (int handle = store.Type(type).Start; handle != StructStore.None; handle = store.Items[handle].Right)
                delta.Add(handle);
        }

        // What stays at the end is not mentioned.
        delta._retain = 0;
        delta.Flush();
        return delta._ops;
    }

    private void Add(int handle)
    {
        ref Item item = ref store.Items[handle];
        bool adds = changes.Adds(item);
        if (item.IsDeleted)
        {
            if (adds || !changes.Deletes(item))
                return;
            if (_deleted == 0)
                Flush();
            _deleted += item.Length;
        }
        else if (adds)
        {
            if (_inserted.Count == 0)
                Flush();
            store.ReadValues(handle, _inserted);
        }
        else
        {
            Retain(item.Length);
        }
    }

    private void Retain(int units)
    {
        if (units == 0)
            return;
        if (_retain == 0)
            Flush();
        _retain += units;
    }

    private void Flush()
    {
        if (_retain > 0)
            _ops.Add(new YDeltaOp { Retain = _retain });
        if (_deleted > 0)
            _ops.Add(new YDeltaOp { Delete = _deleted });
        if (_inserted.Count > 0)
            _ops.Add(new YDeltaOp { Insert = YValue.FromArray([.. _inserted]) });
        _retain = _deleted = 0;
        _inserted.Clear();
    }
}
