using System.Buffers;

namespace CoEdit.Crdt;

/// <content>What goes out: state vector, whole state, differences.</content>
public sealed partial class UpdateStore
{
    /// <summary>A copy of what the store knows of each client. Parked structs do not count.</summary>
    public StateVector GetStateVector()
    {
        StateVector vector = new();
        foreach (ClientLog log in _clients.Values)
        {
            if (log.State > 0)
                vector[log.Client] = log.State;
        }

        return vector;
    }

    /// <summary>Writes the state vector, clients descending.</summary>
    public void EncodeStateVector(IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        WireWriter writer = new(target);
        writer.PutVarUInt((ulong)_clientCount);
        foreach (ClientLog log in ClientsDescending())
        {
            if (log.State == 0)
                continue;
            writer.PutVarUInt(log.Client);
            writer.PutVarUInt(log.State);
        }

        writer.Flush();
    }

    /// <summary>The encoded state vector as an array of its own.</summary>
    public byte[] EncodeStateVector()
    {
        ByteBuffer buffer = new();
        EncodeStateVector(buffer);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes everything as one update: all structs, parked ones behind their holes (as Skips), and all delete ranges.</summary>
    public void EncodeState(IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        WriteDiff(null, target);
    }

    /// <summary>Everything as one update, in an array of its own.</summary>
    public byte[] EncodeState()
    {
        if (PendingStructs > 0)
            return ToArray(null);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(MeasureState());
        FixedWriter writer = new(bytes);
        WriteDiff(null, writer);
        return writer.Position == bytes.Length
            ? bytes
            : throw new InvalidOperationException("The measured and the written size of the state differ.");
    }

    /// <summary>Writes what somebody with <paramref name="known"/> lacks: the structs from there on, and all delete ranges.</summary>
    public void EncodeDiff(StateVector known, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(target);
        WriteDiff(known.Count == 0 ? null : known, target);
    }

    /// <summary>What somebody with this encoded state vector lacks, in an array of its own.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a state vector.</exception>
    public byte[] EncodeDiff(ReadOnlySpan<byte> stateVector)
    {
        StateVector known = StateVector.Decode(stateVector);
        return known.Count == 0 ? EncodeState() : ToArray(known);
    }

    /// <summary>Writes the part of the last <see cref="Apply"/> that was new, as an update of its own.</summary>
    /// <remarks>Callable until the next <see cref="Apply"/> that returns, or <see cref="Compact"/>.</remarks>
    /// <exception cref="InvalidOperationException">
    /// The last <see cref="Apply"/> brought nothing, or the store was compacted since.
    /// </exception>
    public void EncodeNovelPart(IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!_hasNovelPart)
            throw new InvalidOperationException("The last update brought nothing new.");
        if (_novelIsEverything)
        {
            WriteDiff(null, target);
            return;
        }

        Span<NovelRange> structs = _novelStructs.Items;
        structs.Sort(Compare);
        WireWriter writer = new(target);
        writer.PutVarUInt((ulong)CountGroups(structs));
        ByteBuffer section = new();
        for (int i = 0; i < structs.Length;)
        {
            ClientLog log = structs[i].Log;
            uint first = structs[i].Start;
            uint end = first;
            int count = 0;
            section.Clear();
            WireWriter inner = new(section);
            for (; i < structs.Length && structs[i].Log == log; i++)
            {
                if (structs[i].Start > end)
                    count += PutSkip(end, structs[i].Start, ref inner);
                count += PutRange(log, Math.Max(end, structs[i].Start), structs[i].End, ref inner);
                end = Math.Max(end, structs[i].End);
            }

            inner.Flush();
            PutSectionHeader(count, log.Client, first, ref writer);
            writer.PutBytes(section.Written);
        }

        Span<NovelRange> deletes = _novelDeletes.Items;
        deletes.Sort(Compare);
        writer.PutVarUInt((ulong)CountGroups(deletes));
        for (int i = 0; i < deletes.Length;)
        {
            ClientLog log = deletes[i].Log;
            int ranges = 1;
            while (i + ranges < deletes.Length && deletes[i + ranges].Log == log)
                ranges++;
            writer.PutVarUInt(log.Client);
            writer.PutVarUInt((ulong)ranges);
            for (; ranges > 0; ranges--, i++)
            {
                writer.PutVarUInt(deletes[i].Start);
                writer.PutVarUInt(deletes[i].End - deletes[i].Start);
            }
        }

        writer.Flush();
    }

    private static int Compare(NovelRange a, NovelRange b) =>
        a.Log != b.Log ? b.Log.Client.CompareTo(a.Log.Client) : a.Start.CompareTo(b.Start);

    private static int CountGroups(ReadOnlySpan<NovelRange> ranges)
    {
        int groups = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            if (i == 0 || ranges[i].Log != ranges[i - 1].Log)
                groups++;
        }

        return groups;
    }

    private byte[] ToArray(StateVector? known)
    {
        ByteBuffer buffer = new();
        WriteDiff(known, buffer);
        return buffer.Written.ToArray();
    }

    private void WriteDiff(StateVector? known, IBufferWriter<byte> target)
    {
        ClientLog[] logs = ClientsDescending();
        WireWriter writer = new(target);
        int sections = 0;
        foreach (ClientLog log in logs)
        {
            if (HasMoreThan(log, known?[log.Client] ?? 0))
                sections++;
        }

        writer.PutVarUInt((ulong)sections);
        foreach (ClientLog log in logs)
        {
            uint from = known?[log.Client] ?? 0;
            if (HasMoreThan(log, from))
                PutSection(log, from, ref writer);
        }

        PutDeletes(logs, null, ref writer);
        writer.Flush();
    }

    private static bool HasMoreThan(ClientLog log, uint clock) => log.State > clock || (log.HasParked && log.Parked![0].End > clock);

    private static void PutSectionHeader(int count, ulong client, uint clock, ref WireWriter writer)
    {
        writer.PutVarUInt((ulong)count);
        writer.PutVarUInt(client);
        writer.PutVarUInt(clock);
    }

    private static int PutSkip(uint start, uint end, ref WireWriter writer)
    {
        writer.PutByte((byte)StructKind.Skip);
        writer.PutVarUInt(end - start);
        return 1;
    }

    private static void PutSection(ClientLog log, uint from, ref WireWriter writer)
    {
        if (!log.HasParked)
        {
            PutStored(log, from, ref writer, header: true);
            return;
        }

        // Parked structs are few and rare: their section is put together first, for the count of structs goes in front.
        ByteBuffer section = new();
        WireWriter inner = new(section);
        List<ParkedRun> parked = log.Parked!;
        int count = 0;
        uint first = from;
        uint end = from;
        bool open = false;
        if (log.State > from)
        {
            count = PutStored(log, from, ref inner, header: false);
            end = log.State;
            open = true;
        }

        for (int i = parked.Count - 1; i >= 0; i--)
        {
            ParkedRun run = parked[i];
            if (run.End <= end)
                continue;
            uint start = Math.Max(run.Start, end);
            if (!open)
                first = start;
            else if (start > end)
                count += PutSkip(end, start, ref inner);
            open = true;
            count += PutParked(log, run, start, run.End, ref inner);
            end = run.End;
        }

        inner.Flush();
        PutSectionHeader(count, log.Client, first, ref writer);
        writer.PutBytes(section.Written);
    }

    // All applied structs from a clock on. The first is cut, whole chunks are copied.
    private static int PutStored(ClientLog log, uint from, ref WireWriter writer, bool header)
    {
        ClientLog.Place place = from == 0 ? default : log.Find(from);
        int count = log.StructCount - place.Ordinal;
        if (header)
            PutSectionHeader(count, log.Client, from, ref writer);
        int offset = place.Offset;
        if (place.Clock < from)
        {
            ReadOnlySpan<byte> bytes = log.ChunkAt(place.Chunk).Bytes;
            Lib0Reader reader = new(bytes);
            reader.Skip(offset);
            StructView view = default;
            StructReader.Read(ref reader, ref view);
            StructSlicer.Write(bytes, view, log.Client, place.Clock, from - place.Clock, view.Length, ref writer);
            offset = view.End;
        }

        for (int i = place.Chunk; i < log.ChunkCount; i++)
        {
            ref readonly ClientLog.Chunk chunk = ref log.ChunkAt(i);
            writer.PutBytes(chunk.Bytes.AsSpan(offset, chunk.Used - offset));
            offset = 0;
        }

        return count;
    }

    private static int PutParked(ClientLog log, ParkedRun run, uint from, uint to, ref WireWriter writer) =>
        PutSlices(run.Bytes, run.Offset, run.Bytes.Length, log.Client, run.Start, from, to, ref writer);

    // Applied or parked structs of a range that is known to be there, cut at both ends.
    private static int PutRange(ClientLog log, uint from, uint to, ref WireWriter writer)
    {
        int count = 0;
        if (from < log.State && from < to)
        {
            ClientLog.Place place = log.Find(from);
            int offset = place.Offset;
            uint clock = place.Clock;
            for (int i = place.Chunk; i < log.ChunkCount && clock < to; i++)
            {
                ref readonly ClientLog.Chunk chunk = ref log.ChunkAt(i);
                uint chunkEnd = i + 1 < log.ChunkCount ? log.ChunkAt(i + 1).FirstClock : log.State;
                count += PutSlices(chunk.Bytes, offset, chunk.Used, log.Client, clock, from, Math.Min(to, chunkEnd), ref writer);
                clock = chunkEnd;
                offset = 0;
            }
        }

        for (int i = (log.Parked?.Count ?? 0) - 1; i >= 0; i--)
        {
            ParkedRun run = log.Parked![i];
            uint start = Math.Max(Math.Max(from, run.Start), log.State);
            uint end = Math.Min(to, run.End);
            if (start < end)
                count += PutParked(log, run, start, end, ref writer);
        }

        return count;
    }

    private static int PutSlices(
        ReadOnlySpan<byte> bytes, int offset, int length, ulong client, uint clock, uint from, uint to, ref WireWriter writer)
    {
        Lib0Reader reader = new(bytes[..length]);
        reader.Skip(offset);
        StructView view = default;
        int count = 0;
        while (clock < to)
        {
            StructReader.Read(ref reader, ref view);
            uint end = clock + view.Length;
            if (end > from)
            {
                StructSlicer.Write(bytes, view, client, clock, Math.Max(clock, from) - clock, Math.Min(end, to) - clock, ref writer);
                count++;
            }

            clock = end;
        }

        return count;
    }

    // All delete ranges, or those that are not in the parts the cursor has written.
    private static void PutDeletes(ReadOnlySpan<ClientLog> logs, DiffCursor? written, ref WireWriter writer)
    {
        int clients = 0;
        foreach (ClientLog log in logs)
            clients += log.Deletes is { Count: > 0 } && !HasDeletes(written, log) ? 1 : 0;
        writer.PutVarUInt((ulong)clients);
        foreach (ClientLog log in logs)
        {
            if (log.Deletes is not { Count: > 0 } deletes || HasDeletes(written, log))
                continue;
            writer.PutVarUInt(log.Client);
            writer.PutVarUInt((ulong)deletes.Count);
            foreach (ref readonly DeleteRanges.Interval range in deletes.Ranges)
            {
                writer.PutVarUInt(range.Start);
                writer.PutVarUInt(range.End - range.Start);
            }
        }
    }

    private int MeasureState()
    {
        long size = 0;
        int sections = 0;
        int deleting = 0;
        foreach (ClientLog log in _clients.Values)
        {
            if (log.State > 0)
            {
                sections++;
                size += Lib0Writer.VarUIntLength((ulong)log.StructCount) + Lib0Writer.VarUIntLength(log.Client) + 1 + log.Bytes;
            }

            if (log.Deletes is not { Count: > 0 } deletes)
                continue;
            deleting++;
            size += Lib0Writer.VarUIntLength(log.Client) + Lib0Writer.VarUIntLength((ulong)deletes.Count);
            foreach (ref readonly DeleteRanges.Interval range in deletes.Ranges)
                size += Lib0Writer.VarUIntLength(range.Start) + Lib0Writer.VarUIntLength(range.End - range.Start);
        }

        return checked((int)(size + Lib0Writer.VarUIntLength((ulong)sections) + Lib0Writer.VarUIntLength((ulong)deleting)));
    }
}
