namespace CoEdit.Crdt;

/// <summary>What the store holds of one client, applied and parked, as one sequence of units with holes.</summary>
/// <remarks>Asked for ascending clocks, so whatever an update names, every stored byte is read at most once.</remarks>
internal ref struct KnownUnits(ClientLog log)
{
    private readonly ClientLog _log = log;

    /// <summary>Stands in the segment (a chunk, or a parked run) that <see cref="TryMoveTo"/> has found.</summary>
    public UnitCursor Cursor;

    /// <summary>First unit of the segment that counts.</summary>
    public uint Start { get; private set; }

    /// <summary>The unit behind the segment.</summary>
    public uint End { get; private set; }

    /// <summary>Finds the segment that holds <paramref name="clock"/> or, if none does, the next one.</summary>
    public bool TryMoveTo(uint clock)
    {
        if (clock < End)
            return true;
        if (clock < _log.State)
        {
            int index = _log.FindChunk(clock);
            ref readonly ClientLog.Chunk chunk = ref _log.ChunkAt(index);
            Open(chunk.Bytes.AsSpan(0, chunk.Used), 0, chunk.FirstClock);
            End = index + 1 < _log.ChunkCount ? _log.ChunkAt(index + 1).FirstClock : _log.State;
            return true;
        }

        int parked = _log.Parked is { } runs ? ParkedRuns.LowestEndingAfter(runs, clock) : -1;
        if (parked < 0)
            return false;
        ParkedRun run = _log.Parked![parked];
        Open(run.Bytes, run.Offset, run.Start);

        // Its first units may be known by now from elsewhere.
        Start = Math.Max(run.Start, _log.State);
        End = run.End;
        return true;
    }

    private void Open(ReadOnlySpan<byte> structs, int offset, uint clock)
    {
        Cursor = new UnitCursor(structs, offset, clock);
        Start = clock;
    }
}
