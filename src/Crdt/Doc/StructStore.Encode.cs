using System.Buffers;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>Writing structs as update v1.</summary>
internal sealed partial class StructStore
{
    // Info, two ids of at most 8 + 5 bytes, a length; integers are stored 8 bytes at a time.
    private const int StructHeader = 48;
    private const int KeptRuns = 1 << 12;

    [ThreadStatic]
    private static ClockRun[]? s_runs;

    // Indices of the clients, highest id first, as the wire wants them.
    private int[] _descending = [];
    private int _sortedClients;

    /// <summary>The document's structs from the clocks of a state vector on, and its whole delete set.</summary>
    public void EncodeState(IBufferWriter<byte> target, StateVector? from)
    {
        WireWriter writer = new(target);
        WriteState(ref writer, from);
        writer.Flush();
    }

    /// <summary>The same as an array.</summary>
    public byte[] EncodeState(StateVector? from)
    {
        WireWriter writer = new(ExpectedSize());
        WriteState(ref writer, from);
        return writer.ToArrayAndReturn();
    }

    private void WriteState(ref WireWriter writer, StateVector? from)
    {
        ScratchList<ClockRun> runs = new(s_runs);
        s_runs = null;
        if (from is null)
        {
            WriteAll(ref writer, ref runs);
        }
        else
        {
            WriteStructs(ref writer, StartsFrom(from));
            CollectDeleteSet(ref runs);
        }

        WriteRuns(ref writer, runs.Items);
        s_runs = runs.TakeArray(KeptRuns);
    }

    private List<ClockPoint> StartsFrom(StateVector? from)
    {
        List<ClockPoint> starts = [];
        foreach (int client in ClientsDescending())
        {
            ClientStructs structs = _clients[client];
            int start = from is null ? 0 : (int)from[structs.Id];
            if (structs.State > start)
                starts.Add(new ClockPoint(client, start));
        }

        return starts;
    }

    // What is expected costs nothing when it is too much: the array is rented.
    private int ExpectedSize()
    {
        const int structSize = 24;
        const int largest = 1 << 26;
        long size = 1024 + ((long)Items.LiveCount * structSize) + Arena.Used;
        foreach (ClientStructs structs in _clients)
            size += structs.Text.Length;
        return (int)Math.Min(size, largest);
    }

    private ReadOnlySpan<int> ClientsDescending()
    {
        if (_sortedClients == _clients.Count)
            return _descending.AsSpan(0, _sortedClients);
        ulong[] ids = new ulong[_clients.Count];
        _descending = new int[_clients.Count];
        bool sorted = true;
        for (int i = 0; i < ids.Length; i++)
        {
            _descending[i] = i;
            ids[i] = ~_clients[i].Id;
            sorted &= i == 0 || ids[i - 1] < ids[i];
        }

        if (!sorted)
            Array.Sort(ids, _descending);
        _sortedClients = ids.Length;
        return _descending;
    }

    public void EncodeTransaction(IBufferWriter<byte> target, List<ClockPoint> starts, Transaction transaction)
    {
        WireWriter writer = new(target);
        SortStarts(starts);
        WriteStructs(ref writer, starts);
        transaction.SortDeletes();
        WriteRuns(ref writer, transaction.Deletes.Items);
        writer.Flush();
    }

    private void SortStarts(List<ClockPoint> starts)
    {
        if (starts.Count > 1)
            starts.Sort((a, b) => _clients[b.Client].Id.CompareTo(_clients[a.Client].Id));
    }

    // One pass writes the structs and notes what is deleted.
    private void WriteAll(ref WireWriter writer, ref ScratchList<ClockRun> runs)
    {
        ReadOnlySpan<int> clients = ClientsDescending();
        int filled = 0;
        foreach (int client in clients)
            filled += _clients[client].State > 0 ? 1 : 0;
        writer.PutVarUInt((ulong)filled);
        foreach (int client in clients)
        {
            ClientStructs structs = _clients[client];
            if (structs.State == 0)
                continue;
            writer.PutVarUInt((ulong)structs.Count);
            writer.PutVarUInt(structs.Id);
            writer.PutByte(0);
            int start = -1;
            for (int chunk = 0; chunk < structs.ChunkCount; chunk++)
            {
                foreach (int handle in structs.HandlesOf(chunk))
                {
                    ref Item item = ref Items[handle];
                    WriteStruct(ref writer, structs, ref item, 0);
                    if (item.IsDeleted)
                    {
                        if (start < 0)
                            start = item.Clock;
                    }
                    else if (start >= 0)
                    {
                        runs.Add(new ClockRun(client, start, item.Clock - start));
                        start = -1;
                    }
                }
            }

            if (start >= 0)
                runs.Add(new ClockRun(client, start, structs.State - start));
        }
    }

    private void WriteStructs(ref WireWriter writer, List<ClockPoint> starts)
    {
        writer.PutVarUInt((ulong)starts.Count);
        for (int i = 0; i < starts.Count; i++)
        {
            ClockPoint start = starts[i];
            ClientStructs structs = _clients[start.Client];
            int position = structs.Find(start.Clock);
            writer.PutVarUInt((ulong)structs.CountFrom(position));
            writer.PutVarUInt(structs.Id);
            writer.PutVarUInt((ulong)start.Clock);
            int offset = start.Clock - structs.ClockAt(position);
            for (; position >= 0; position = structs.Next(position))
            {
                WriteStruct(ref writer, structs, ref Items[structs.HandleAt(position)], offset);
                offset = 0;
            }
        }
    }

    private void WriteStruct(ref WireWriter writer, ClientStructs structs, ref Item item, int offset)
    {
        ref byte at = ref writer.Reserve(StructHeader);
        if (item.IsGc)
        {
            at = 0;
            writer.Advance(ref PackedVarUInt.Put(ref Unsafe.Add(ref at, 1), (uint)(item.Length - offset)));
            return;
        }

        bool origin = offset > 0 || item.HasOrigin;
        int info = (int)item.Kind
            | (origin ? StructInfo.HasOrigin : 0)
            | (item.HasRightOrigin ? StructInfo.HasRightOrigin : 0)
            | (item.IsKeyed ? StructInfo.HasParentSub : 0);
        at = (byte)info;
        at = ref Unsafe.Add(ref at, 1);
        if (offset > 0)
            at = ref PutId(ref at, structs, item.Clock + offset - 1);
        else if (origin)
            at = ref PutId(ref at, item.OriginClient == structs.Index ? structs : _clients[item.OriginClient], item.OriginClock);

        if (item.HasRightOrigin)
        {
            at = ref PutId(ref at, item.RightClient == structs.Index ? structs : _clients[item.RightClient], item.RightClock);
        }
        else if (!origin)
        {
            writer.Advance(ref at);
            WriteParent(ref writer, item);
            at = ref writer.Reserve(StructHeader);
        }

        if (item.Kind == StructKind.Deleted)
        {
            writer.Advance(ref PackedVarUInt.Put(ref at, (uint)(item.Length - offset)));
        }
        else if (item.Kind != StructKind.String)
        {
            writer.Advance(ref at);
            WriteContent(ref writer, item, offset);
        }
        else if (structs.Text.TryGetAscii(item.Content + offset, item.Length - offset, out ReadOnlySpan<byte> ascii))
        {
            writer.Advance(ref PackedVarUInt.Put(ref at, (uint)ascii.Length));
            writer.PutBytes(ascii);
        }
        else
        {
            writer.Advance(ref at);
            WriteText(ref writer, structs.Text, item.Content + offset, item.Length - offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte PutId(ref byte at, ClientStructs structs, int clock) =>
        ref PackedVarUInt.Put(ref PackedVarUInt.PutPacked(ref at, structs.WireId, structs.WireIdLength), (uint)clock);

    public StateVector GetStateVector()
    {
        StateVector result = new();
        foreach (ClientStructs structs in _clients)
        {
            if (structs.State > 0)
                result[structs.Id] = (uint)structs.State;
        }

        return result;
    }
}
