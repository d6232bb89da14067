namespace CoEdit.Crdt;

/// <summary>Looking at earlier states: snapshots, and what undo has brought back.</summary>
internal sealed partial class StructStore
{
    /// <summary>The struct that holds a unit, or what has taken its place by undo; None when it is unknown.</summary>
    public int FindFollowing(Id id, bool followUndo, out int offset)
    {
        offset = 0;
        int handle = FindKnown(id, ref offset);
        while (followUndo && handle != None && TryGetRedone(handle, out Id redone))
            handle = FindKnown(redone with { Clock = redone.Clock + (uint)offset }, ref offset);
        return handle;
    }

    /// <summary>Visible units to the left of an item of a list.</summary>
    public int IndexOf(int handle)
    {
        int type = Items[handle].Parent;
        if (Items[handle].IsKeyed)
            return 0;
        if (_types[type].Index is null)
        {
            int index = 0;
            int steps = 0;
            int left = Items[handle].Left;
            for (; left != None && steps < StepsBeforeIndex; left = Items[left].Left, steps++)
                index += Items[left].VisibleLength;
            if (left == None)
                return index;
            _types[type].Index = new ListIndex(Items, _types[type].Start);
        }

        return _types[type].Index!.IndexOf(handle);
    }

    /// <summary>Cuts structs at the borders of units from start to end (exclusive), as far as they are known.</summary>
    public void CutRun(Transaction transaction, ClientStructs structs, int start, int end)
    {
        if (start < structs.State)
            CleanStart(transaction, structs.Index, start);
        if (end < structs.State)
            CleanStart(transaction, structs.Index, end);
    }

    /// <summary>Cuts structs so that each is either visible in a snapshot or not.</summary>
    public void CutAt(Transaction transaction, Snapshot snapshot)
    {
        foreach ((ulong client, uint clock) in snapshot.StateVector)
        {
            if (FindClient(client) is { } structs && clock < structs.State)
                CleanStart(transaction, structs.Index, (int)clock);
        }

        foreach (ClockRange range in snapshot.DeleteSet)
        {
            if (FindClient(range.Client) is { } structs && range.Start < structs.State)
                CutRun(transaction, structs, (int)range.Start, (int)range.End);
        }
    }

    public Snapshot GetSnapshot()
    {
        ScratchList<ClockRun> runs = default;
        CollectDeleteSet(ref runs);
        List<ClockRange> ranges = [];
        foreach (ref readonly ClockRun run in runs.Items)
            ranges.Add(new ClockRange(_clients[run.Client].Id, (uint)run.Clock, (uint)run.End));
        return new Snapshot(GetStateVector(), IdSet.Of(ranges));
    }

    /// <summary>The structs below a snapshot's state vector, cut there, and its delete set, as an update v1.</summary>
    public byte[] EncodeSnapshot(Transaction transaction, Snapshot snapshot)
    {
        List<(ClientStructs Structs, int End)> clients = [];
        foreach ((ulong client, uint clock) in snapshot.StateVector)
        {
            if (FindClient(client) is not { } structs || clock > structs.State)
                throw new InvalidOperationException("The snapshot is of a later state than the document's.");
            if (clock < structs.State)
                CleanStart(transaction, structs.Index, (int)clock);
            clients.Add((structs, (int)clock));
        }

        clients.Sort((a, b) => b.Structs.Id.CompareTo(a.Structs.Id));
        ByteBuffer buffer = new();
        WireWriter writer = new(buffer);
        writer.PutVarUInt((ulong)clients.Count);
        foreach ((ClientStructs structs, int end) in clients)
        {
            int last = structs.Find(end - 1);
            writer.PutVarUInt((ulong)(structs.Count - structs.CountFrom(last) + 1));
            writer.PutVarUInt(structs.Id);
            writer.PutVarUInt(0);
            for (int position = ClientStructs.FirstPosition; position >= 0 && position <= last; position = structs.Next(position))
                WriteStruct(ref writer, structs, ref Items[structs.HandleAt(position)], 0);
        }

        writer.Flush();
        snapshot.DeleteSet.Encode(buffer);
        return buffer.Written.ToArray();
    }

    private int FindKnown(Id id, ref int offset)
    {
        if (FindClient(id.Client) is not { } structs || id.Clock >= structs.State)
            return None;
        int handle = structs.HandleAt(structs.Find((int)id.Clock));
        offset = (int)id.Clock - Items[handle].Clock;
        return handle;
    }
}
