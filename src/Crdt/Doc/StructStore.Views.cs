namespace CoEdit.Crdt;

/// <summary>Reading lists and maps as they were at a snapshot, as far as deleted content is still there.</summary>
internal sealed partial class StructStore
{
    public YValue[] ReadList(int type, Snapshot snapshot)
    {
        List<YValue> values = [];
        for (int handle = _types[type].Start; handle != None; handle = Items[handle].Right)
        {
            if (!Items[handle].IsCountable)
                continue;
            for (int i = 0; i < Items[handle].Length; i++)
            {
                if (snapshot.Shows(IdAt(handle, i)))
                    values.Add(ValueAt(handle, i));
            }
        }

        return [.. values];
    }

    public bool TryGetKey(int type, string key, Snapshot snapshot, out YValue value)
    {
        int id = Keys.Find(key);
        int slot = id >= 0 ? _types[type].Map?.Find(id) ?? -1 : -1;
        value = default;
        return slot >= 0 && TryRead(_types[type].Map![slot].Current, snapshot, out value);
    }

    public YObject ReadKeys(int type, Snapshot snapshot)
    {
        YObject entries = [];
        MapEntries? map = _types[type].Map;
        for (int slot = 0; slot < (map?.Count ?? 0); slot++)
        {
            if (TryRead(map![slot].Current, snapshot, out YValue value))
                entries[Keys.Text(map[slot].Key)] = value;
        }

        return entries;
    }

    // The last value of a key that the snapshot knows counts, and only if it was not deleted then. Deleted values of one key may have been
    // joined to one item since, of which the snapshot knows the beginning only (Yjs shows the item's last value then).
    private bool TryRead(int handle, Snapshot snapshot, out YValue value)
    {
        value = default;
        while (handle != None && !snapshot.Knows(IdAt(handle, 0)))
            handle = Items[handle].Left;
        if (handle == None)
            return false;
        int last = Items[handle].Length - 1;
        while (!snapshot.Knows(IdAt(handle, last)))
            last--;
        if (!snapshot.Shows(IdAt(handle, last)) || !Items[handle].IsCountable)
            return false;
        value = ValueAt(handle, last);
        return true;
    }

    private Id IdAt(int handle, int offset)
    {
        ref Item item = ref Items[handle];
        return new Id(_clients[item.Client].Id, (uint)(item.Clock + offset));
    }
}
