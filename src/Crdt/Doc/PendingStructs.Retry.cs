namespace CoEdit.Crdt;

/// <summary>When Yjs would try again what waits.</summary>
/// <remarks>
/// Yjs notes one clock for all clients that wait for each other, the one that the last of them waits for. A client whose unit came by another way
/// (as a GC struct, for example) stays parked until that clock has come too. Its bytes are only those of Yjs if this waits as long.
/// </remarks>
internal sealed partial class PendingStructs
{
    // The notes are made anew with each retry. With more clients than an honest document has waiting, whatever is due goes on at once.
    private const int MostClients = 256;

    private readonly Dictionary<int, int> _missing = [];
    private readonly HashSet<ParkedClient> _noted = [];
    private bool _isUnbounded;

    /// <summary>True when a client that something waits for has come past the clock that was noted.</summary>
    public bool IsSetFreeBy(int client) =>
        _isUnbounded || (_missing.TryGetValue(client, out int clock) && clock < store.Client(client).State);

    /// <summary>Notes what structs that have just been parked wait for. The clock may be -1, below a client's first unit.</summary>
    public void NoteMissing(int client, int clock)
    {
        if (!_missing.TryGetValue(client, out int known) || clock < known)
            _missing[client] = clock;
    }

    /// <summary>Everything was tried: notes what the rest waits for.</summary>
    public void NoteAllMissing()
    {
        _missing.Clear();
        List<ParkedClient> waiting = [];
        foreach (ParkedClient client in _clients.Values)
        {
            if (client.HasParts)
                waiting.Add(client);
        }

        _isUnbounded = waiting.Count > MostClients;
        if (_isUnbounded)
            return;
        waiting.Sort((a, b) => store.Client(b.Client).Id.CompareTo(store.Client(a.Client).Id));
        foreach (ParkedClient client in waiting)
        {
            if (!_noted.Contains(client))
                NoteChain(client);
        }

        _noted.Clear();
    }

    // From one client that waits to the next, as the stack grows in Yjs.
    private void NoteChain(ParkedClient client)
    {
        while (true)
        {
            _noted.Add(client);
            if (!client.IsWaiting)
            {
                NoteMissing(client.Client, client.FirstClock - 1);
                return;
            }

            int missing = client.WaitsFor;
            ParkedClient other = Of(missing);
            if (!other.HasParts || _noted.Contains(other))
            {
                NoteMissing(missing, store.Client(missing).State);
                return;
            }

            client = other;
        }
    }
}
