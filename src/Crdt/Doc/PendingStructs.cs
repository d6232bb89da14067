namespace CoEdit.Crdt;

/// <summary>Structs that wait for others, as updates v1, and the clocks of other clients that may set them free.</summary>
/// <remarks>
/// Yjs merges what comes into what waits, each time. So does this while it is little; a long queue (a history delivered newest first) is merged
/// when it has doubled, which keeps the whole near linear.
/// </remarks>
internal sealed class PendingStructs
{
    private const int MergeAtOnce = 16 * 1024;

    private readonly Dictionary<ulong, long> _missing = new(ClientComparer.Instance);
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private int _added;

    public PendingStructs(byte[] update, Dictionary<ulong, long> missing)
    {
        _parts.Add(update);
        Lower(missing);
    }

    /// <summary>Everything that waits, as one update.</summary>
    public byte[] Update
    {
        get
        {
            Merge();
            return _parts[0].ToArray();
        }
    }

    public void Add(byte[] update, Dictionary<ulong, long> missing)
    {
        _parts.Add(update);
        _added += update.Length;
        if (_parts[0].Length + _added <= MergeAtOnce || _added > _parts[0].Length)
            Merge();
        Lower(missing);
    }

    /// <summary>True when one of the clients waited for has come past the clock waited for.</summary>
    public bool CanRetry(StructStore store)
    {
        foreach ((ulong client, long clock) in _missing)
        {
            if (clock < (store.FindClient(client)?.State ?? 0))
                return true;
        }

        return false;
    }

    private void Merge()
    {
        if (_parts.Count == 1)
            return;
        byte[] merged = YUpdate.MergeUpdates(_parts);
        _parts.Clear();
        _parts.Add(merged);
        _added = 0;
    }

    private void Lower(Dictionary<ulong, long> missing)
    {
        foreach ((ulong client, long clock) in missing)
        {
            if (!_missing.TryGetValue(client, out long known) || clock < known)
                _missing[client] = clock;
        }
    }
}
