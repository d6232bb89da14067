namespace CoEdit.Crdt;

/// <summary>The keyed part of a type: for each key the chain of its values, from the leftmost to the current one.</summary>
/// <remarks>
/// Entries keep the order in which the keys first appeared, as a JavaScript map does. Keeping the leftmost item saves a walk over the key's whole
/// history per conflict.
/// </remarks>
internal sealed class MapEntries
{
    private const int LinearSearch = 8;

    private Entry[] _entries = new Entry[1];
    private Dictionary<int, int>? _byKey;

    public int Count { get; private set; }

    public ref Entry this[int slot] => ref _entries[slot];

    /// <summary>The slot of a key, or -1.</summary>
    public int Find(int key)
    {
        if (_byKey is not null)
            return _byKey.TryGetValue(key, out int slot) ? slot : -1;
        for (int i = 0; i < Count; i++)
        {
            if (_entries[i].Key == key)
                return i;
        }

        return -1;
    }

    public int FindOrAdd(int key)
    {
        int slot = Find(key);
        if (slot >= 0)
            return slot;
        if (Count == _entries.Length)
            Array.Resize(ref _entries, 2 * Count);
        _entries[Count] = new Entry { Key = key };
        if (_byKey is not null)
        {
            _byKey.Add(key, Count);
        }
        else if (Count == LinearSearch)
        {
            _byKey = new Dictionary<int, int>(2 * LinearSearch);
            for (int i = 0; i <= Count; i++)
                _byKey.Add(_entries[i].Key, i);
        }

        return Count++;
    }

    public struct Entry
    {
        public int Key;

        /// <summary>The rightmost item of the chain: the value, unless deleted. 0 while the first item is being linked.</summary>
        public int Current;
        public int Leftmost;
    }
}
