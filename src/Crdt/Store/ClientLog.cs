namespace CoEdit.Crdt;

/// <summary>Everything the store holds of one client.</summary>
/// <remarks>
/// Owned by one <see cref="UpdateStore"/>. The structs lie as they came over the wire, in clock order, in chunks:
/// <code>
/// sealed chunk      sealed chunk      tail (append here)
/// [s s s s s s s]   [s s s]           [s s s s s|last      |free]
///  FirstClock        FirstClock                  ^LastOffset
/// </code>
/// A struct never crosses a chunk. Only the last struct is ever rewritten: a contiguous text extends it in place.
/// Chunks start small (a visitor who types one word) and grow to <see cref="ChunkSizes.Largest"/>, so nothing is ever copied to grow.
/// </remarks>
internal sealed class ClientLog(ulong client)
{
    private const int Unknown = -1;

    private Chunk[] _sealed = [];
    private int _sealedCount;
    private Chunk _tail = new() { Bytes = [] };

    // The last struct, for extending it. LastContent is Unknown until somebody asks (LastOffset too, after a cut run).
    private int _lastOffset = Unknown;
    private int _lastContent = Unknown;
    private int _lastPayload;
    private uint _lastPrefix;
    private uint _lastRightClock;
    private ulong _lastRightClient;
    private byte _lastInfo;

    internal struct Chunk
    {
        public byte[] Bytes;
        public int Used;
        public int Count;
        public uint FirstClock;
    }

    /// <summary>Where a struct lies: chunk (the tail is the last), offset in it, and how many structs lie before it.</summary>
    internal readonly record struct Place(int Chunk, int Offset, int Ordinal, uint Clock);

    public ulong Client { get; } = client;

    /// <summary>The next expected clock.</summary>
    public uint State { get; private set; }

    public int StructCount { get; private set; }

    /// <summary>Bytes of the stored structs.</summary>
    public long Bytes { get; private set; }

    public DeleteRanges? Deletes { get; set; }

    /// <summary>Parked runs, latest first: newest-first delivery then appends and removes at the end, in O(1).</summary>
    public List<ParkedRun>? Parked { get; set; }

    /// <summary>Clients whose first parked struct waits until this one's state passes a clock.</summary>
    public PriorityQueue<ClientLog, uint>? Waiters { get; set; }

    /// <summary>What the first parked struct waits for, so that it is queued once.</summary>
    public Id? WaitsFor { get; set; }

    /// <summary>True while a delete range reaches beyond <see cref="State"/>; kept by the store, which counts them.</summary>
    public bool DeletesAhead { get; set; }

    public bool HasParked => Parked is { Count: > 0 };

    public int ChunkCount => _sealedCount + 1;

    public ref readonly Chunk ChunkAt(int index) => ref index < _sealedCount ? ref _sealed[index] : ref _tail;

    /// <summary>Appends a struct that starts at <see cref="State"/>, or extends the last one by it.</summary>
    public void Append(ReadOnlySpan<byte> bytes, in StructView view, ChunkSizes sizes)
    {
        if (!TryExtend(bytes, view, sizes))
            AppendRaw(bytes[view.Start..view.End], State + view.Length, 1, 0, sizes);
    }

    /// <summary>Appends consecutive structs that start at <see cref="State"/> and cut themselves into no more than one chunk.</summary>
    public void AppendRaw(ReadOnlySpan<byte> structs, uint end, int count, int lastOffset, ChunkSizes sizes, bool exactly = false)
    {
        Span<byte> target = Reserve(structs.Length, sizes, exactly);
        structs.CopyTo(target);
        _lastOffset = lastOffset < 0 ? Unknown : _tail.Used + lastOffset;
        _lastContent = Unknown;
        _tail.Used += structs.Length;
        _tail.Count += count;
        Bytes += structs.Length;
        StructCount += count;
        State = end;
    }

    /// <summary>Replaces all structs (after compaction). The bytes stand for the same clocks.</summary>
    public void Replace(ReadOnlySpan<byte> structs, ReadOnlySpan<UpdateScan.Mark> marks, int count, int lastOffset, ChunkSizes sizes)
    {
        uint end = State;
        _sealed = [];
        _sealedCount = 0;
        _tail = new Chunk { Bytes = [] };
        _lastOffset = Unknown;
        State = 0;
        StructCount = 0;
        Bytes = 0;
        AppendMarked(structs, marks, 0, 0, end, count, lastOffset, sizes);
    }

    /// <summary>Appends consecutive structs that start at <see cref="State"/>, cut into chunks at the marks.</summary>
    /// <param name="structs">Their bytes.</param>
    /// <param name="marks">Struct boundaries; those outside of <paramref name="structs"/> are ignored.</param>
    /// <param name="baseOffset">What to subtract from the marks' offsets.</param>
    /// <param name="baseOrdinal">What to subtract from the marks' ordinals.</param>
    /// <param name="end">The clock behind the last struct.</param>
    /// <param name="count">How many structs.</param>
    /// <param name="lastOffset">Offset of the last struct in <paramref name="structs"/>, negative when nobody knows.</param>
    /// <param name="sizes">Chunk sizes of the store.</param>
    public void AppendMarked(
        ReadOnlySpan<byte> structs,
        ReadOnlySpan<UpdateScan.Mark> marks,
        int baseOffset,
        int baseOrdinal,
        uint end,
        int count,
        int lastOffset,
        ChunkSizes sizes)
    {
        int offset = 0;
        int ordinal = 0;
        foreach (UpdateScan.Mark mark in marks)
        {
            int cut = mark.Offset - baseOffset;
            if (cut >= structs.Length)
                break;
            if (cut <= offset)
                continue;
            AppendRaw(structs[offset..cut], mark.Clock, mark.Ordinal - baseOrdinal - ordinal, Unknown, sizes);
            offset = cut;
            ordinal = mark.Ordinal - baseOrdinal;
        }

        AppendRaw(structs[offset..], end, count - ordinal, lastOffset < offset ? Unknown : lastOffset - offset, sizes, offset > 0);
    }

    /// <summary>Bytes of the structs from <paramref name="clock"/> on, rounded up to whole chunks.</summary>
    public long BytesFrom(uint clock)
    {
        if (clock == 0)
            return Bytes;
        if (clock >= State)
            return 0;
        long bytes = 0;
        for (int i = FindChunk(clock); i < ChunkCount; i++)
            bytes += ChunkAt(i).Used;
        return bytes;
    }

    /// <summary>Finds the chunk that holds <paramref name="clock"/>, which is below <see cref="State"/>.</summary>
    public int FindChunk(uint clock)
    {
        int low = 0;
        int high = _sealedCount;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (ChunkAt(middle).FirstClock <= clock)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    /// <summary>Finds the struct that holds <paramref name="clock"/>, which is below <see cref="State"/>.</summary>
    public Place Find(uint clock)
    {
        int low = FindChunk(clock);
        int ordinal = 0;
        for (int i = 0; i < low; i++)
            ordinal += _sealed[i].Count;
        ref readonly Chunk chunk = ref ChunkAt(low);
        Lib0Reader reader = new(chunk.Bytes.AsSpan(0, chunk.Used));
        StructView view = default;
        uint start = chunk.FirstClock;
        while (true)
        {
            int offset = reader.Position;
            StructReader.Read(ref reader, ref view);
            if (start + view.Length > clock)
                return new Place(low, offset, ordinal, start);
            start += view.Length;
            ordinal++;
        }
    }

    /// <summary>
    /// Extends the last struct when the new one continues it: the same kind, its origin is the last unit, the same right origin. A peer
    /// that has to insert between the two splits them again, so joining loses nothing.
    /// </summary>
    public bool TryExtend(ReadOnlySpan<byte> bytes, in StructView view, ChunkSizes sizes)
    {
        if (_lastOffset == Unknown)
            return false;
        if (_lastContent == Unknown)
            ParseLast();
        if ((StructKind)(_lastInfo & StructInfo.KindMask) != view.Kind)
            return false;
        if (view.Kind == StructKind.Gc)
            return RewriteLength(view.Length);
        if (!view.HasOrigin || view.OriginClient != Client || view.OriginClock != State - 1)
            return false;
        bool hasRight = (_lastInfo & StructInfo.HasRightOrigin) != 0;
        if (hasRight != view.HasRightOrigin || (hasRight && (_lastRightClient != view.RightClient || _lastRightClock != view.RightClock)))
            return false;
        switch (view.Kind)
        {
            case StructKind.Deleted:
                return RewriteLength(view.Length);
            case StructKind.String:
                return ExtendPayload(bytes[view.Payload..view.End], (uint)(view.End - view.Payload), view.Length, sizes);
            case StructKind.Any:
                return ExtendPayload(bytes[view.Payload..view.End], view.Length, view.Length, sizes);
            default:
                return false;
        }
    }

    /// <summary>Extends the last struct when it is a text with this right origin. Its origin is the last unit.</summary>
    public bool TryExtendText(bool hasRight, ulong rightClient, uint rightClock, ReadOnlySpan<byte> text, uint units, ChunkSizes sizes)
    {
        if (_lastContent == Unknown)
        {
            if (_lastOffset == Unknown)
                return false;
            ParseLast();
        }

        int shape = (int)StructKind.String | (hasRight ? StructInfo.HasRightOrigin : 0);
        if ((_lastInfo & (StructInfo.KindMask | StructInfo.HasRightOrigin)) != shape)
            return false;
        if (hasRight && (_lastRightClock != rightClock || _lastRightClient != rightClient))
            return false;
        return ExtendPayload(text, (uint)text.Length, units, sizes);
    }

    private bool ExtendPayload(ReadOnlySpan<byte> payload, uint prefix, uint units, ChunkSizes sizes)
    {
        if (_tail.Used - _lastPayload + payload.Length > sizes.LargestRun)
            return false;
        int prefixLength = _lastPayload - _lastContent;
        int growth = Math.Max(0, Lib0Writer.VarUIntLength(_lastPrefix + prefix) - prefixLength);
        if (_tail.Bytes.Length - _tail.Used < payload.Length + growth)
            MoveLastToNewChunk(payload.Length + growth, sizes);
        if (growth > 0)
        {
            _tail.Bytes.AsSpan(_lastPayload, _tail.Used - _lastPayload).CopyTo(_tail.Bytes.AsSpan(_lastPayload + growth));
            _lastPayload += growth;
            _tail.Used += growth;
        }

        // A prefix that came in a longer form than needed is rewritten in its own width.
        _lastPrefix += prefix;
        PutPadded(_tail.Bytes.AsSpan(_lastContent, _lastPayload - _lastContent), _lastPrefix);
        payload.CopyTo(_tail.Bytes.AsSpan(_tail.Used));
        _tail.Used += payload.Length;
        Bytes += payload.Length + growth;
        State += units;
        return true;
    }

    private bool RewriteLength(uint units)
    {
        uint length = _lastPrefix + units;
        int needed = Lib0Writer.VarUIntLength(length);
        if (_tail.Bytes.Length - _lastContent < needed)
            return false;
        int used = _lastContent + Lib0Writer.PutVarUInt(_tail.Bytes.AsSpan(_lastContent), length);
        Bytes += used - _tail.Used;
        _tail.Used = used;
        _lastPrefix = length;
        _lastPayload = used;
        State += units;
        return true;
    }

    private void ParseLast()
    {
        Lib0Reader reader = new(_tail.Bytes.AsSpan(0, _tail.Used));
        reader.Skip(_lastOffset);
        StructView view = default;
        StructReader.Read(ref reader, ref view);
        _lastInfo = view.Info;
        _lastContent = view.Content;
        _lastPayload = view.Payload;
        _lastRightClient = view.RightClient;
        _lastRightClock = view.RightClock;
        _lastPrefix = view.Kind == StructKind.String ? (uint)(view.End - view.Payload) : view.Length;
    }

    private void MoveLastToNewChunk(int extra, ChunkSizes sizes)
    {
        int length = _tail.Used - _lastOffset;
        // At least twice its length: a client that has typed one long word is moved as rarely as any growing buffer.
        byte[] bytes = new byte[Math.Max(2 * (length + extra), sizes.Next(Bytes))];
        _tail.Bytes.AsSpan(_lastOffset, length).CopyTo(bytes);
        int moved = _lastOffset;
        uint firstClock = _tail.FirstClock;
        if (_tail.Count > 1)
        {
            _tail.Used = moved;
            _tail.Count--;
            firstClock = LastClock();
            Seal();
        }

        _tail = new Chunk { Bytes = bytes, Used = length, Count = 1, FirstClock = firstClock };
        _lastOffset = 0;
        _lastContent -= moved;
        _lastPayload -= moved;
    }

    // Only needed when a chunk runs full in the middle of a run of typing.
    private uint LastClock()
    {
        Lib0Reader reader = new(_tail.Bytes.AsSpan(0, _tail.Used));
        StructView view = default;
        uint clock = _tail.FirstClock;
        for (int i = 0; i < _tail.Count; i++)
        {
            StructReader.Read(ref reader, ref view);
            clock += view.Length;
        }

        return clock;
    }

    private Span<byte> Reserve(int length, ChunkSizes sizes, bool exactly)
    {
        if (_tail.Bytes.Length - _tail.Used < length)
        {
            if (_tail.Count > 0)
                Seal();
            int next = sizes.Next(Bytes);
            // Something large, and the end of something large, gets a chunk of its own size: after a load nothing is wasted.
            _tail = new Chunk { Bytes = new byte[exactly || length > next / 2 ? length : next], FirstClock = State };
        }

        return _tail.Bytes.AsSpan(_tail.Used, length);
    }

    private void Seal()
    {
        // A struct that did not fit can leave much of a chunk unused. A quarter is tolerable, more is given back.
        if (_tail.Bytes.Length - _tail.Used > _tail.Used >> 2)
            _tail.Bytes = _tail.Bytes.AsSpan(0, _tail.Used).ToArray();
        if (_sealedCount == _sealed.Length)
            Array.Resize(ref _sealed, Math.Max(4, _sealedCount + (_sealedCount >> 1)));
        _sealed[_sealedCount++] = _tail;
    }

    private static void PutPadded(Span<byte> target, uint value)
    {
        for (int i = 0; i < target.Length - 1; i++)
        {
            target[i] = (byte)(0x80 | (value & 0x7F));
            value >>= 7;
        }

        target[^1] = (byte)value;
    }
}
