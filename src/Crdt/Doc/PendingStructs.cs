namespace CoEdit.Crdt;

/// <summary>Structs that wait for others, by client and clock, and which client's may go on now.</summary>
/// <remarks>
/// Yjs keeps one update, merges what comes into it, and tries all of it again when something it waits for has come. Here a client waits for
/// one unit at a time, so only those are looked at that can go on: a history in any order costs n log n. Nothing here is recursive.
/// </remarks>
internal sealed partial class PendingStructs(StructStore store)
{
    private readonly Dictionary<int, ParkedClient> _clients = [];
    private readonly Queue<ParkedClient> _due = new();

    /// <summary>For reading what waits: it has been under the limits when it came.</summary>
    public static UpdateReadOptions ReadOptions { get; } = new() { MaxRepeatedStructs = int.MaxValue };

    /// <summary>Bytes of everything that waits; what came twice may be counted twice for a while.</summary>
    public long Bytes { get; private set; }

    /// <summary>Structs that wait, counted like <see cref="Bytes"/>.</summary>
    public int Structs { get; private set; }

    public bool IsEmpty => Structs == 0;

    public void Park(int client, ParkedPart part)
    {
        Bytes += part.Cost;
        Structs += part.Structs;
        Of(client).Add(part, out (int Structs, long Bytes) dropped);
        Bytes -= dropped.Bytes;
        Structs -= dropped.Structs;
    }

    /// <summary>Notes what a client waits for whose parts begin with what has just been parked.</summary>
    /// <param name="client">The client.</param>
    /// <param name="head">The first struct that has been parked.</param>
    public void NoteWait(int client, in DecodedUpdate.Struct head)
    {
        ParkedClient parked = Of(client);
        int state = store.Client(client).State;
        if (!parked.BeginsAt(head.Clock))
        {
            // Another part overlaps this one. It is tried next if it has been passed over.
            if (!parked.IsWaiting && parked.BeginsAtOrBelow(state))
                MarkDue(parked);
            return;
        }

        // Behind a gap of its own a client waits for nothing else: it is looked at when it comes forward.
        if (head.Clock > state)
            return;
        int missing = store.Missing(head, client, out int clock);
        if (missing >= 0)
            parked.WaitFor(Of(missing), clock);
        else
            MarkDue(parked);
    }

    /// <summary>A client may have come forward: its structs and those of clients that wait for it may be due.</summary>
    /// <returns>True when Yjs would try again.</returns>
    public bool Advance(int client)
    {
        if (_clients.TryGetValue(client, out ParkedClient? parked))
        {
            if (parked.BeginsAtOrBelow(store.Client(client).State))
                MarkDue(parked);
            AdvanceWaiters(parked);
        }

        return IsSetFreeBy(client);
    }

    /// <summary>Takes a client whose parts may go on; the caller takes as many as go on and then says <see cref="Released"/>.</summary>
    public bool TryTakeDue(out ParkedClient client)
    {
        if (!_due.TryDequeue(out client!))
            return false;
        client.IsDue = false;
        return true;
    }

    /// <summary>Takes the next part of a client that begins at or below its state.</summary>
    public bool TryTakePart(ParkedClient client, out ParkedPart part)
    {
        while (client.TryTake(store.Client(client.Client).State, out part, out bool isCovered))
        {
            Bytes -= part.Cost;
            Structs -= part.Structs;
            if (!isCovered)
                return true;
        }

        return false;
    }

    /// <summary>A client has gone on as far as possible.</summary>
    public void Released(ParkedClient client) => AdvanceWaiters(client);

    /// <summary>Everything that waits, as an update v1.</summary>
    /// <exception cref="InvalidOperationException">It has no form in v1.</exception>
    public byte[] ToV1()
    {
        try
        {
            return YUpdate.MergeUpdates(Updates(UpdateFormat.V1));
        }
        catch (MalformedUpdateException exception)
        {
            throw new InvalidOperationException("What waits has no form in an update v1; use v2.", exception);
        }
    }

    /// <summary>Everything that waits, as an update v2.</summary>
    public byte[] ToV2() => YUpdate.MergeUpdatesV2(Updates(UpdateFormat.V2), ReadOptions);

    private List<ReadOnlyMemory<byte>> Updates(UpdateFormat format)
    {
        List<ReadOnlyMemory<byte>> updates = [];
        foreach (ParkedClient client in _clients.Values)
        {
            ulong id = store.Client(client.Client).Id;
            foreach (ParkedPart part in client.Parts)
            {
                byte[] update = part.ToUpdate(id);
                if (part.Format != format)
                    update = format == UpdateFormat.V1 ? YUpdate.ConvertV2ToV1(update, ReadOptions) : YUpdate.ConvertV1ToV2(update);
                updates.Add(update);
            }
        }

        return updates;
    }

    private ParkedClient Of(int client)
    {
        if (!_clients.TryGetValue(client, out ParkedClient? parked))
            _clients.Add(client, parked = new ParkedClient(client));
        return parked;
    }

    private void MarkDue(ParkedClient client)
    {
        if (client.IsDue)
            return;
        client.IsDue = true;
        _due.Enqueue(client);
    }

    private void AdvanceWaiters(ParkedClient parked)
    {
        int state = store.Client(parked.Client).State;
        while (parked.TryTakeWaiter(state, out ParkedClient waiter))
            MarkDue(waiter);
        if (parked.IsEmpty && !parked.IsDue)
            _clients.Remove(parked.Client);
    }
}
