using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>Collecting and writing delete sets.</summary>
internal sealed partial class StructStore
{
    /// <summary>All deleted runs of the document, sorted by client index and clock.</summary>
    public void CollectDeleteSet(ref ScratchList<ClockRun> runs)
    {
        foreach (ClientStructs structs in _clients)
        {
            int start = -1;
            for (int position = structs.IsEmpty ? -1 : ClientStructs.FirstPosition; position >= 0; position = structs.Next(position))
            {
                ref Item item = ref Items[structs.HandleAt(position)];
                if (item.IsDeleted)
                {
                    if (start < 0)
                        start = item.Clock;
                }
                else if (start >= 0)
                {
                    runs.Add(new ClockRun(structs.Index, start, item.Clock - start));
                    start = -1;
                }
            }

            if (start >= 0)
                runs.Add(new ClockRun(structs.Index, start, structs.State - start));
        }
    }

    /// <summary>Writes runs, which are grouped by client, with the clients descending.</summary>
    public void WriteRuns(ref WireWriter writer, ReadOnlySpan<ClockRun> runs)
    {
        if (runs.Length == 0)
        {
            writer.PutByte(0);
            return;
        }

        Span<int> few = stackalloc int[16];
        int groups = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            if (i == 0 || runs[i].Client != runs[i - 1].Client)
                groups++;
        }

        int[]? rented = groups > few.Length ? ArrayPool<int>.Shared.Rent(groups) : null;
        Span<int> starts = (rented ?? few)[..groups];
        groups = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            if (i == 0 || runs[i].Client != runs[i - 1].Client)
                starts[groups++] = i;
        }

        if (groups > 1)
            SortDescending(starts, runs);
        writer.PutVarUInt((ulong)groups);
        foreach (int start in starts)
        {
            int end = start;
            while (end < runs.Length && runs[end].Client == runs[start].Client)
                end++;
            writer.PutVarUInt(_clients[runs[start].Client].Id);
            writer.PutVarUInt((ulong)(end - start));
            foreach (ref readonly ClockRun run in runs[start..end])
            {
                ref byte at = ref writer.Reserve(StructHeader);
                writer.Advance(ref PackedVarUInt.Put(ref PackedVarUInt.Put(ref at, (uint)run.Clock), (uint)run.Length));
            }
        }

        if (rented is not null)
            ArrayPool<int>.Shared.Return(rented);
    }

    private void SortDescending(Span<int> starts, ReadOnlySpan<ClockRun> runs)
    {
        ulong[] keys = new ulong[starts.Length];
        bool sorted = true;
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = ~_clients[runs[starts[i]].Client].Id;
            sorted &= i == 0 || keys[i - 1] < keys[i];
        }

        if (!sorted)
            keys.AsSpan().Sort(starts);
    }
}
