using System.Buffers;

namespace CoEdit.Crdt;

/// <content>A long difference in several updates, each of which stands on the ones before it.</content>
public sealed partial class UpdateStore
{
    // Scratch of WritePart.
    private readonly List<PartSection> _part = [];
    private readonly Dictionary<ulong, int> _partIndex = [];
    private readonly Stack<(int Section, uint Until)> _partStack = new();

    /// <summary>About how many bytes of structs somebody with <paramref name="known"/> lacks; more rather than less.</summary>
    /// <remarks>Takes time in proportion to the number of clients.</remarks>
    public long EstimateDiff(StateVector known)
    {
        ArgumentNullException.ThrowIfNull(known);
        long bytes = PendingBytes;
        foreach (ClientLog log in _clients.Values)
            bytes += log.BytesFrom(known[log.Client]);
        return bytes;
    }

    /// <summary>Writes the next part of a difference as an update of about <paramref name="maxBytes"/>.</summary>
    /// <param name="cursor">Where the last part ended; it is moved on.</param>
    /// <param name="maxBytes">
    /// Bytes of structs in one part. A part is larger only if one struct is that cannot be cut. The last part also holds the delete ranges
    /// that no part held before, and everything that is parked.
    /// </param>
    /// <param name="target">Receives the update.</param>
    /// <returns>True when this was the last part.</returns>
    /// <remarks>
    /// Whoever has what the cursor started from and applies the parts in order has after each of them only structs whose dependencies it has
    /// too, and none that is deleted in the document but not yet for it. Changes between two parts are in a later one.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The cursor is complete.</exception>
    public bool WritePart(DiffCursor cursor, int maxBytes, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        if (cursor.IsComplete)
            throw new InvalidOperationException("The difference is complete.");

        if (cursor.Source is null)
        {
            cursor.Source = this;
            cursor.DeleteChanges = _deleteChanges;
        }

        if (EstimateDiff(cursor.Sent) > maxBytes && TryCollectPart(cursor, maxBytes))
        {
            WriteSections(cursor, target);
            return false;
        }

        WriteLast(cursor, target);
        cursor.IsComplete = true;
        cursor.Source = null;
        cursor.Large = null;
        return true;
    }

    private static bool HasDeletes(DiffCursor? written, ClientLog log)
    {
        if (written is null)
            return false;
        // Only all or nothing for a client: ranges below what the receiver knew at first were in no part.
        return written.Start[log.Client] == 0 && written.Sent[log.Client] >= log.Deletes!.End;
    }

    private void WriteLast(DiffCursor cursor, IBufferWriter<byte> target)
    {
        ClientLog[] logs = ClientsDescending();
        WireWriter writer = new(target);
        int sections = 0;
        foreach (ClientLog log in logs)
        {
            if (HasMoreThan(log, cursor.Sent[log.Client]))
                sections++;
        }

        writer.PutVarUInt((ulong)sections);
        foreach (ClientLog log in logs)
        {
            uint from = cursor.Sent[log.Client];
            if (HasMoreThan(log, from))
                PutSection(log, from, ref writer);
        }

        bool unchanged = cursor.Source == this && cursor.DeleteChanges == _deleteChanges;
        PutDeletes(logs, unchanged ? cursor : null, ref writer);
        writer.Flush();
    }

    /// <summary>Walks over the structs that the part is to hold. False: there is no part that would stand alone.</summary>
    private bool TryCollectPart(DiffCursor cursor, int maxBytes)
    {
        _part.Clear();
        _partIndex.Clear();
        _partStack.Clear();
        long left = maxBytes;
        foreach (ClientLog log in ClientsDescending())
        {
            if (left <= 0)
                break;
            if (log.State <= cursor.Sent[log.Client])
                continue;
            _partStack.Push((SectionOf(log, cursor), log.State));
            while (_partStack.TryPeek(out (int Section, uint Until) top) && left > 0)
            {
                PartSection section = _part[top.Section];
                Id? missing = Advance(section, top.Until, cursor, maxBytes, ref left);
                if (missing is not { } id)
                {
                    if (left > 0)
                        _partStack.Pop();
                    continue;
                }

                // Structs were applied after what they depend on, so this cannot go round in a circle.
                if (_partStack.Count > _clients.Count || Find(id.Client) is not { } other || other.State <= id.Clock)
                    return false;
                _partStack.Push((SectionOf(other, cursor), id.Clock + 1));
            }
        }

        return true;
    }

    private int SectionOf(ClientLog log, DiffCursor cursor)
    {
        if (_partIndex.TryGetValue(log.Client, out int index))
            return index;
        uint from = cursor.Sent[log.Client];
        _part.Add(new PartSection(log, from));
        _partIndex.Add(log.Client, _part.Count - 1);
        return _part.Count - 1;
    }

    private uint SentOf(ulong client, DiffCursor cursor) =>
        _partIndex.TryGetValue(client, out int index) ? _part[index].Clock : cursor.Sent[client];

    /// <summary>Takes structs into the part up to a clock, to the end of the budget, or to one that depends on what is returned.</summary>
    private Id? Advance(PartSection section, uint until, DiffCursor cursor, int maxBytes, ref long left)
    {
        ClientLog log = section.Log;
        if (section.Clock == section.From && cursor.Large is { } large && IsAt(large, log, section.From))
        {
            TakeSlice(section, large, maxBytes, ref left);
            return null;
        }

        StructView view = default;
        while (section.Clock < until && left > 0)
        {
            if (!section.Open(out ClientLog.Chunk chunk))
                continue;
            Lib0Reader reader = new(chunk.Bytes.AsSpan(0, chunk.Used));
            reader.Skip(section.Offset);
            StructReader.Read(ref reader, ref view);
            bool cut = section.StructStart < section.Clock;
            if (MissingForPart(log.Client, view, cut, cursor) is { } missing)
                return missing;
            long size = view.End - view.Start;
            if (size > left && left < maxBytes)
            {
                left = 0; // it opens the next part
                return null;
            }

            if (size > maxBytes && view.Kind is StructKind.String or StructKind.Any && section.Clock == section.From)
            {
                TakeSlice(section, StartLarge(section, chunk, view), maxBytes, ref left);
                return null;
            }

            left -= size;
            section.Count++;
            section.StructStart += view.Length;
            section.Clock = section.StructStart;
            section.Offset = view.End;
        }

        return null;
    }

    private Id? MissingForPart(ulong client, in StructView view, bool cut, DiffCursor cursor)
    {
        if (!view.IsItem)
            return null;
        if (!cut && view.HasOrigin && view.OriginClient != client && SentOf(view.OriginClient, cursor) <= view.OriginClock)
            return new Id(view.OriginClient, view.OriginClock);
        if (view.HasRightOrigin && view.RightClient != client && SentOf(view.RightClient, cursor) <= view.RightClock)
            return new Id(view.RightClient, view.RightClock);
        if (!cut && view.HasParent && !view.ParentIsRoot && view.ParentClient != client && SentOf(view.ParentClient, cursor) <= view.ParentClock)
            return new Id(view.ParentClient, view.ParentClock);
        return null;
    }

    private static bool IsAt(DiffCursor.LargeStruct large, ClientLog log, uint clock) =>
        large.Log == log && large.Clock == clock && large.ChunkIndex < log.ChunkCount
        && ReferenceEquals(log.ChunkAt(large.ChunkIndex).Bytes, large.Bytes);

    // Where the receiver already has the beginning of the struct, its content is walked over once to find the place.
    private static DiffCursor.LargeStruct StartLarge(PartSection section, in ClientLog.Chunk chunk, in StructView view)
    {
        uint skip = section.Clock - section.StructStart;
        ReadOnlySpan<byte> content = chunk.Bytes.AsSpan(view.Payload, view.End - view.Payload);
        int offset = view.Payload + LargeContent.Measure(content, view.Kind, long.MaxValue, skip, out uint units);
        return new DiffCursor.LargeStruct
        {
            Log = section.Log,
            Bytes = chunk.Bytes,
            ChunkIndex = section.ChunkIndex,
            View = view,
            First = section.StructStart,
            Clock = section.StructStart + units,
            Offset = offset,
        };
    }

    private static void TakeSlice(PartSection section, DiffCursor.LargeStruct large, int maxBytes, ref long left)
    {
        ReadOnlySpan<byte> content = large.Bytes.AsSpan(large.Offset, large.View.End - large.Offset);
        int bytes = LargeContent.Measure(content, large.View.Kind, maxBytes, uint.MaxValue, out uint units);
        section.Slice = large;
        section.SliceBytes = bytes;
        section.SliceUnits = units;
        section.From = large.Clock; // a surrogate pair is sent whole, so this may lie one unit before what was asked for
        section.Clock = large.Clock + units;
        section.Count = 1;
        left = 0;
    }

    private void WriteSections(DiffCursor cursor, IBufferWriter<byte> target)
    {
        _part.RemoveAll(static section => section.Count == 0);
        _part.Sort(static (a, b) => b.Log.Client.CompareTo(a.Log.Client));
        WireWriter writer = new(target);
        writer.PutVarUInt((ulong)_part.Count);
        int deleting = 0;
        foreach (PartSection section in _part)
        {
            PutSectionHeader(section.Count, section.Log.Client, section.From, ref writer);
            if (section.Slice is { } large)
                PutLarge(section, large, cursor, ref writer);
            else
                PutRange(section.Log, section.From, section.Clock, ref writer);
            cursor.Sent[section.Log.Client] = section.Clock;
            if (section.Log.Deletes is { } deletes && deletes.Intersects(section.From, section.Clock))
                deleting++;
        }

        writer.PutVarUInt((ulong)deleting);
        foreach (PartSection section in _part)
            PutDeletesWithin(section, ref writer);
        writer.Flush();
        _part.Clear();
    }

    private static void PutLarge(PartSection section, DiffCursor.LargeStruct large, DiffCursor cursor, ref WireWriter writer)
    {
        StructView view = large.View;
        StructSlicer.WriteHeader(large.Bytes, view, view.Kind, large.Log.Client, large.First, large.Clock - large.First, ref writer);
        writer.PutVarUInt(view.Kind == StructKind.String ? (ulong)section.SliceBytes : section.SliceUnits);
        writer.PutBytes(large.Bytes.AsSpan(large.Offset, section.SliceBytes));
        large.Clock += section.SliceUnits;
        large.Offset += section.SliceBytes;
        cursor.Large = large.Offset < view.End ? large : null;
    }

    private static void PutDeletesWithin(PartSection section, ref WireWriter writer)
    {
        if (section.Log.Deletes is not { } deletes || !deletes.Intersects(section.From, section.Clock))
            return;
        int first = deletes.IndexAfter(section.From);
        int behind = first;
        while (behind < deletes.Count && deletes.Ranges[behind].Start < section.Clock)
            behind++;
        writer.PutVarUInt(section.Log.Client);
        writer.PutVarUInt((ulong)(behind - first));
        foreach (ref readonly DeleteRanges.Interval range in deletes.Ranges[first..behind])
        {
            uint start = Math.Max(range.Start, section.From);
            writer.PutVarUInt(start);
            writer.PutVarUInt(Math.Min(range.End, section.Clock) - start);
        }
    }

    /// <summary>The structs of one client that a part holds: those from <see cref="From"/> to <see cref="Clock"/>.</summary>
    private sealed class PartSection(ClientLog log, uint from)
    {
        private bool _opened;

        public ClientLog Log { get; } = log;

        public uint From { get; set; } = from;

        public uint Clock { get; set; } = from;

        public int Count { get; set; }

        /// <summary>The struct at <see cref="Clock"/>: its chunk, its offset there, and its first clock.</summary>
        public int ChunkIndex { get; private set; }

        public int Offset { get; set; }

        public uint StructStart { get; set; } = from;

        /// <summary>Set when the section is a slice of one large struct.</summary>
        public DiffCursor.LargeStruct? Slice { get; set; }

        public int SliceBytes { get; set; }

        public uint SliceUnits { get; set; }

        /// <summary>The chunk with the next struct. False: it lies in the chunk behind, ask again.</summary>
        public bool Open(out ClientLog.Chunk chunk)
        {
            if (!_opened)
            {
                ClientLog.Place place = Clock == 0 ? default : Log.Find(Clock);
                (ChunkIndex, Offset, StructStart) = (place.Chunk, place.Offset, place.Clock);
                _opened = true;
            }

            chunk = Log.ChunkAt(ChunkIndex);
            if (Offset < chunk.Used)
                return true;
            ChunkIndex++;
            Offset = 0;
            return false;
        }
    }
}
