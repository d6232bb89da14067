using System.Buffers.Binary;

namespace CoEdit.Crdt;

/// <summary>Contents that are neither text nor types, as the bytes they had on the wire: <c>length:int32 capacity:int32 bytes</c> each.</summary>
/// <remarks>
/// Offset 0 is never a record. Joined Any runs get spare capacity, so that pushing one value after the other stays linear. A run that is cut stays
/// where it is: the rest gets a record with capacity -1 that says where its bytes are, so that many cuts of a long run stay linear. Records given up
/// are counted; the owner of the references rewrites the arena when more than half of it is dead.
/// </remarks>
internal sealed class ContentArena
{
    private const int HeaderSize = 8;
    private const int SliceSize = HeaderSize + 4;
    private const int Slice = -1;
    private const int SmallestCompaction = 4096;

    // Values before this one are counted each time; behind it, from the nearest of the places noted for the run.
    private const int NoteDistance = 64;

    private byte[] _bytes = [];
    private int _used = HeaderSize;
    private int _dead;

    // By the offset of a run's first byte: where each 64th value of it begins, as far as somebody had to count.
    private Dictionary<int, List<int>>? _notes;

    // The last place where two runs were joined: its record (0 = none), and what lies in front of it. An update names the values behind it.
    private int _seam;
    private int _valuesBeforeSeam;
    private int _bytesBeforeSeam;

    public int Used => _used;

    public bool WantsCompaction => _dead > SmallestCompaction && _dead > _used / 2;

    public int Add(ReadOnlySpan<byte> content)
    {
        int record = _used;
        Reserve(HeaderSize + content.Length);
        Span<byte> target = _bytes.AsSpan(record, HeaderSize + content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target, content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], content.Length);
        content.CopyTo(target[HeaderSize..]);
        _used += target.Length;
        return record;
    }

    public int Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Add(first, second, first.Length + second.Length);

    private int Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int capacity)
    {
        int record = _used;
        Reserve(HeaderSize + capacity);
        Put(record, first.Length + second.Length);
        Put(record + 4, capacity);
        first.CopyTo(_bytes.AsSpan(record + HeaderSize));
        second.CopyTo(_bytes.AsSpan(record + HeaderSize + first.Length));
        _used += HeaderSize + capacity;
        return record;
    }

    public ReadOnlySpan<byte> Get(int record) => _bytes.AsSpan(StartOf(record), LengthOf(record));

    /// <summary>Where a value begins in a run of values. Finding one after the other, in any order, takes near linear time together.</summary>
    public int OffsetOf(StructKind kind, int record, int value)
    {
        if (record == _seam && value == _valuesBeforeSeam)
            return _bytesBeforeSeam;
        ReadOnlySpan<byte> values = Get(record);
        if (value < 4 * NoteDistance)
            return StructStore.ValueOffset(kind, values, value);
        int start = StartOf(record);
        if (!(_notes ??= []).TryGetValue(start, out List<int>? notes))
            _notes.Add(start, notes = [0]);
        while (notes.Count <= value / NoteDistance)
            notes.Add(notes[^1] + StructStore.ValueOffset(kind, values[notes[^1]..], NoteDistance));
        int noted = notes[value / NoteDistance];
        return noted + StructStore.ValueOffset(kind, values[noted..], value % NoteDistance);
    }

    /// <summary>Cuts a record at a byte offset; the rest becomes a record of its own, which is returned.</summary>
    public int Split(int record, int at)
    {
        _seam = 0;
        int length = LengthOf(record);
        int start = StartOf(record);
        int capacity = Capacity(record);
        int rest = _used;
        Reserve(SliceSize);
        _used += SliceSize;
        Put(rest, length - at);
        Put(rest + 4, Slice);
        Put(rest + HeaderSize, start + at);
        Put(record, at);
        if (capacity != Slice)
        {
            Put(record + 4, at);
            _dead += capacity - length;
        }

        return rest;
    }

    /// <summary>Appends the content of <paramref name="right"/> to <paramref name="left"/> and frees it. Returns where the whole is now.</summary>
    /// <param name="left">A run of values.</param>
    /// <param name="right">The values behind it.</param>
    /// <param name="leftValues">How many the left one has.</param>
    public int Join(int left, int right, int leftValues)
    {
        int leftLength = LengthOf(left);
        int joined = Join(left, right);
        (_seam, _valuesBeforeSeam, _bytesBeforeSeam) = (joined, leftValues, leftLength);
        return joined;
    }

    private int Join(int left, int right)
    {
        int leftLength = LengthOf(left);
        int rightLength = LengthOf(right);
        int capacity = Capacity(left);
        int total = leftLength + rightLength;
        if (Capacity(right) == Slice && StartOf(right) == StartOf(left) + leftLength && (capacity == Slice || capacity == leftLength))
        {
            // What was cut is whole again.
            _notes?.Remove(StartOf(right));
            Put(left, total);
            if (capacity != Slice)
                Put(left + 4, total);
            GiveUp(right, SliceSize);
            return left;
        }

        if (total > capacity)
        {
            if (capacity != Slice && Capacity(right) != Slice && right + HeaderSize + Capacity(right) == _used && left + HeaderSize + capacity == right)
            {
                // The two records are the last ones and neighbours: close the gap.
                _notes?.Remove(StartOf(right));
                Get(right).CopyTo(_bytes.AsSpan(left + HeaderSize + leftLength));
                Put(left, total);
                Put(left + 4, total);
                _used = left + HeaderSize + total;
                return left;
            }

            byte[] moved = Get(left).ToArray();
            int joined = Add(moved, default, total + (total >> 1));
            Get(right).CopyTo(_bytes.AsSpan(joined + HeaderSize + leftLength));
            Put(joined, total);
            Free(left);
            Free(right);
            return joined;
        }

        Get(right).CopyTo(_bytes.AsSpan(left + HeaderSize + leftLength));
        Put(left, total);
        Free(right);
        return left;
    }

    public void Free(int record)
    {
        _seam = 0;
        _notes?.Remove(StartOf(record));
        int capacity = Capacity(record);
        if (capacity == Slice)
            _dead += LengthOf(record);
        GiveUp(record, capacity == Slice ? SliceSize : HeaderSize + capacity);
    }

    public void ReplaceBy(ContentArena compacted)
    {
        _bytes = compacted._bytes;
        _used = compacted._used;
        _dead = 0;
        _notes = null;
        _seam = 0;
    }

    private void GiveUp(int record, int size)
    {
        if (record + size == _used)
            _used = record;
        else
            _dead += size;
    }

    private int StartOf(int record) => Capacity(record) == Slice ? Read(record + HeaderSize) : record + HeaderSize;

    private int LengthOf(int record) => Read(record);

    private int Capacity(int record) => Read(record + 4);

    private int Read(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset));

    private void Put(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(offset), value);

    private void Reserve(int count)
    {
        long needed = (long)_used + count;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, Math.Max(128, _bytes.Length + (_bytes.Length >> 1))), Array.MaxLength));
    }
}
