namespace CoEdit.Crdt;

/// <content>Self-check for tests.</content>
public sealed partial class UpdateStore
{
    /// <summary>Reads everything again and throws when a count, a clock or an order is wrong.</summary>
    internal void CheckInvariants()
    {
        int clients = 0;
        int structs = 0;
        long bytes = 0;
        int ranges = 0;
        int ahead = 0;
        int pendingStructs = 0;
        long pendingBytes = 0;
        foreach (ClientLog log in _clients.Values)
        {
            CheckLog(log);
            clients += log.State > 0 ? 1 : 0;
            structs += log.StructCount;
            bytes += log.Bytes;
            ranges += log.Deletes?.Count ?? 0;
            ahead += log.Deletes is { } deletes && deletes.End > log.State ? 1 : 0;
            CheckDeletes(log.Deletes);
            CheckParked(log, ref pendingStructs, ref pendingBytes);
        }

        Require(clients == _clientCount, "client count");
        Require(structs == _structCount, "struct count");
        Require(bytes == _structBytes, "struct bytes");
        Require(ranges == _rangeCount, "range count");
        Require(ahead == _clientsDeletedAhead, "clients with deletes ahead");
        Require(pendingStructs == PendingStructs, "pending structs");
        Require(pendingBytes == PendingBytes, "pending bytes");
    }

    private static void CheckLog(ClientLog log)
    {
        uint clock = 0;
        long bytes = 0;
        int structs = 0;
        StructView view = default;
        for (int i = 0; i < log.ChunkCount; i++)
        {
            ref readonly ClientLog.Chunk chunk = ref log.ChunkAt(i);
            Require(chunk.FirstClock == clock, "first clock of a chunk");
            Lib0Reader reader = new(chunk.Bytes.AsSpan(0, chunk.Used));
            int count = 0;
            while (!reader.IsAtEnd)
            {
                StructReader.Read(ref reader, ref view);
                Require(view.Kind != StructKind.Skip, "no Skips in the store");
                clock += view.Length;
                count++;
            }

            Require(count == chunk.Count, "structs of a chunk");
            Require(count > 0 || log.ChunkCount == 1, "no empty chunks");
            structs += count;
            bytes += chunk.Used;
        }

        Require(clock == log.State, "state");
        Require(structs == log.StructCount, "structs of a client");
        Require(bytes == log.Bytes, "bytes of a client");
    }

    private static void CheckDeletes(DeleteRanges? deletes)
    {
        if (deletes is null)
            return;
        uint last = 0;
        bool first = true;
        foreach (ref readonly DeleteRanges.Interval range in deletes.Ranges)
        {
            Require(range.Start < range.End && (first || range.Start > last), "order of delete ranges");
            last = range.End;
            first = false;
        }
    }

    private void CheckParked(ClientLog log, ref int structs, ref long bytes)
    {
        if (log.Parked is not { } parked)
            return;
        uint last = 0;
        StructView view = default;
        for (int i = parked.Count - 1; i >= 0; i--)
        {
            ParkedRun run = parked[i];
            Require(run.Start >= last && run.End > log.State, "order of parked runs");
            Lib0Reader reader = new(run.Bytes);
            reader.Skip(run.Offset);
            uint clock = run.Start;
            int count = 0;
            while (!reader.IsAtEnd)
            {
                StructReader.Read(ref reader, ref view);
                if (clock <= log.State && clock + view.Length > log.State)
                    Require(FindMissing(log.Client, view, cut: clock < log.State) is not null, "a parked struct waits for something");
                clock += view.Length;
                count++;
            }

            Require(clock == run.End, "end of a parked run");
            Require(count == run.Count, "structs of a parked run");
            last = run.End;
            structs += count;
            bytes += run.Length;
        }
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"Broken invariant of the update store: {what}.");
    }
}
