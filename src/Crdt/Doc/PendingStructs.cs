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
    private long _bytes;
    private int _structs;
    private int _added;

    public PendingStructs(byte[] update, int structs, Dictionary<ulong, long> missing)
    {
        _parts.Add(update);
        _bytes = update.Length;
        _structs = structs;
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

    /// <summary>Bytes of everything that waits; what came twice may be counted twice for a while.</summary>
    public long Bytes => _bytes;

    /// <summary>Structs that wait, counted like <see cref="Bytes"/>.</summary>
    public int Structs => _structs;

    public void Add(byte[] update, int structs, Dictionary<ulong, long> missing)
    {
        _parts.Add(update);
        _bytes += update.Length;
        _structs += structs;
        _added += update.Length;
        if (_parts[0].Length + _added <= MergeAtOnce || _added > _parts[0].Length)
            Merge();
        Lower(missing);
    }

    /// <summary>True when a client is waited for and has come past the clock waited for.</summary>
    public bool IsSetFreeBy(ClientStructs structs) => _missing.TryGetValue(structs.Id, out long clock) && clock < structs.State;

    private void Merge()
    {
        if (_parts.Count == 1)
            return;
        byte[] merged = YUpdate.MergeUpdates(_parts);
        _parts.Clear();
        _parts.Add(merged);
        _added = 0;
        _bytes = merged.Length;
        _structs = 0;
        for (UpdateCursor cursor = UpdateCursor.Open(merged, UpdateFormat.V1, UpdateReadOptions.Default); cursor.MoveNextWithoutSkips(merged);)
            _structs++;
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
