namespace CoEdit.Crdt;

/// <summary>Structs that wait for others, as one update v1, and the clocks of other clients that may set them free.</summary>
internal sealed class PendingStructs
{
    private readonly Dictionary<ulong, long> _missing = new(ClientComparer.Instance);

    public PendingStructs(byte[] update, Dictionary<ulong, long> missing)
    {
        Update = update;
        Lower(missing);
    }

    public byte[] Update { get; private set; }

    public void Add(byte[] update, Dictionary<ulong, long> missing)
    {
        Update = YUpdate.MergeUpdates([Update, update]);
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

    private void Lower(Dictionary<ulong, long> missing)
    {
        foreach ((ulong client, long clock) in missing)
        {
            if (!_missing.TryGetValue(client, out long known) || clock < known)
                _missing[client] = clock;
        }
    }
}
