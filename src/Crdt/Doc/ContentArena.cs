using System.Buffers.Binary;

namespace CoEdit.Crdt;

/// <summary>Contents that are neither text nor types, as the bytes they had on the wire: <c>length:int32 capacity:int32 bytes</c> each.</summary>
/// <remarks>
/// Offset 0 is never a record. Joined Any runs get spare capacity, so that pushing one value after the other stays linear. Records given up are
/// counted; the owner of the references rewrites the arena when more than half of it is dead.
/// </remarks>
internal sealed class ContentArena
{
    private const int HeaderSize = 8;
    private const int SmallestCompaction = 4096;

    private byte[] _bytes = [];
    private int _used = HeaderSize;
    private int _dead;

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
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(record), first.Length + second.Length);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(record + 4), capacity);
        first.CopyTo(_bytes.AsSpan(record + HeaderSize));
        second.CopyTo(_bytes.AsSpan(record + HeaderSize + first.Length));
        _used += HeaderSize + capacity;
        return record;
    }

    public ReadOnlySpan<byte> Get(int record) =>
        _bytes.AsSpan(record + HeaderSize, BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(record)));

    /// <summary>Cuts a record at a byte offset; the rest becomes a record of its own, which is returned.</summary>
    public int Split(int record, int at)
    {
        ReadOnlySpan<byte> content = Get(record);
        byte[] rest = content[at..].ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(record), at);
        return Add(rest);
    }

    /// <summary>Appends the content of <paramref name="right"/> to <paramref name="left"/> and frees it. Returns where the whole is now.</summary>
    public int Join(int left, int right)
    {
        int leftLength = Get(left).Length;
        int rightLength = Get(right).Length;
        int capacity = Capacity(left);
        int total = leftLength + rightLength;
        if (total > capacity)
        {
            if (right + HeaderSize + Capacity(right) == _used && left + HeaderSize + capacity == right)
            {
                // The two records are the last ones and neighbours: close the gap.
                Get(right).CopyTo(_bytes.AsSpan(left + HeaderSize + leftLength));
                BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(left), total);
                BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(left + 4), total);
                _used = left + HeaderSize + total;
                return left;
            }

            byte[] moved = Get(left).ToArray();
            int joined = Add(moved, default, total + (total >> 1));
            Get(right).CopyTo(_bytes.AsSpan(joined + HeaderSize + leftLength));
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(joined), total);
            Free(left);
            Free(right);
            return joined;
        }

        Get(right).CopyTo(_bytes.AsSpan(left + HeaderSize + leftLength));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(left), total);
        Free(right);
        return left;
    }

    public void Free(int record)
    {
        int size = HeaderSize + Capacity(record);
        if (record + size == _used)
            _used = record;
        else
            _dead += size;
    }

    public void ReplaceBy(ContentArena compacted)
    {
        _bytes = compacted._bytes;
        _used = compacted._used;
        _dead = 0;
    }

    private int Capacity(int record) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(record + 4));

    private void Reserve(int count)
    {
        long needed = (long)_used + count;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, Math.Max(128, _bytes.Length + (_bytes.Length >> 1))), Array.MaxLength));
    }
}
