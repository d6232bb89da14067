namespace CoEdit.Crdt;

/// <summary>For each type the nearest marked one among itself and those that hold it, and how deep it lies. Remembered, for types never move.</summary>
/// <remarks>Without it everything that goes up from each change would be quadratic in deep documents. The store forgets types that are collected.</remarks>
internal sealed class AncestorCache(StructStore store, Predicate<int> isMarked)
{
    private readonly Dictionary<int, Entry> _entries = [];
    private readonly Stack<int> _climbed = new();

    /// <summary>The nearest marked type from this one on upwards, or None.</summary>
    public int Nearest(int type) => type == StructStore.None ? StructStore.None : Find(type).Nearest;

    /// <summary>Types that hold this one.</summary>
    public int Depth(int type) => Find(type).Depth;

    /// <summary>The nearest marked type above this one, or None.</summary>
    public int NearestAbove(int type) => Nearest(store.HolderOf(type));

    /// <summary>Other types are marked now.</summary>
    public void Clear() => _entries.Clear();

    public void Forget(int type) => _entries.Remove(type);

    private Entry Find(int type)
    {
        Entry entry;
        while (!_entries.TryGetValue(type, out entry))
        {
            _climbed.Push(type);
            type = store.HolderOf(type);
            if (type == StructStore.None)
            {
                entry = new Entry(StructStore.None, -1);
                break;
            }
        }

        while (_climbed.TryPop(out int below))
        {
            entry = new Entry(isMarked(below) ? below : entry.Nearest, entry.Depth + 1);
            _entries.Add(below, entry);
        }

        return entry;
    }

    private readonly record struct Entry(int Nearest, int Depth);
}
