namespace CoEdit.Crdt;

/// <summary>Rewrites the structs of one client without the content that is deleted.</summary>
/// <remarks>
/// <code>
/// deleted:              ....[-----]....
/// before:  String "abcdefghijklm"  Format  String …
/// after:   String "abcd" | Deleted 7 | String "lm" Deleted …
/// </code>
/// A part that starts later gets the unit in front of it as origin and keeps the right origin: exactly what Yjs' own split does. Parts that
/// continue each other are joined again by the rule of Yjs' merge, except that they need not be neighbours in the document: a replica that
/// has to insert between them splits them once more.
/// </remarks>
internal sealed class Compactor(ChunkSizes sizes)
{
    private readonly ByteBuffer _output = new();
    private readonly ByteBuffer _header = new();
    private readonly ByteBuffer _content = new();
    private ScratchList<UpdateScan.Mark> _marks;
    private int _count;
    private int _lastOffset;

    // The struct being written: header and content so far, joined with what follows as long as that is legal.
    private bool _open;
    private StructKind _kind;
    private uint _start;
    private uint _end;
    private uint _values;
    private bool _hasRight;
    private ulong _rightClient;
    private uint _rightClock;

    public void Rewrite(ClientLog log)
    {
        _output.Clear(int.MaxValue);
        _marks.Clear();
        _count = 0;
        _lastOffset = 0;
        _open = false;
        ReadOnlySpan<DeleteRanges.Interval> deletes = log.Deletes is null ? [] : log.Deletes.Ranges;
        int next = 0;
        uint clock = 0;
        StructView view = default;
        for (int i = 0; i < log.ChunkCount; i++)
        {
            ref readonly ClientLog.Chunk chunk = ref log.ChunkAt(i);
            ReadOnlySpan<byte> bytes = chunk.Bytes.AsSpan(0, chunk.Used);
            Lib0Reader reader = new(bytes);
            while (!reader.IsAtEnd)
            {
                StructReader.Read(ref reader, ref view);
                uint end = clock + view.Length;
                while (next < deletes.Length && deletes[next].End <= clock)
                    next++;
                AddStruct(log.Client, bytes, view, clock, deletes[next..]);
                clock = end;
            }
        }

        Close();
        log.Replace(_output.Written, _marks.Items, _count, _lastOffset, sizes);
    }

    private void AddStruct(
        ulong client, ReadOnlySpan<byte> bytes, in StructView view, uint clock, ReadOnlySpan<DeleteRanges.Interval> deletes)
    {
        uint end = clock + view.Length;
        if (view.Kind is StructKind.Gc or StructKind.Deleted)
        {
            Add(client, bytes, view, clock, 0, view.Length, view.Kind);
            return;
        }

        uint at = clock;
        foreach (ref readonly DeleteRanges.Interval range in deletes)
        {
            if (range.Start >= end)
                break;
            if (range.Start > at)
                Add(client, bytes, view, clock, at - clock, range.Start - clock, view.Kind);
            uint deletedTo = Math.Min(range.End, end);
            uint deletedFrom = Math.Max(range.Start, at);
            Add(client, bytes, view, clock, deletedFrom - clock, deletedTo - clock, StructKind.Deleted);
            at = deletedTo;
        }

        if (at < end)
            Add(client, bytes, view, clock, at - clock, view.Length, view.Kind);
    }

    private void Add(ulong client, ReadOnlySpan<byte> bytes, in StructView view, uint clock, uint from, uint to, StructKind kind)
    {
        if (!Continues(client, view, clock, from, kind))
        {
            Close();
            Open(client, bytes, view, clock, from, kind);
        }

        _end = clock + to;
        switch (kind)
        {
            case StructKind.Gc or StructKind.Deleted:
                break;
            case StructKind.String:
                WireWriter text = new(_content);
                StructSlicer.CutText(bytes[view.Payload..view.End], view.Length, from, to).WriteTo(ref text);
                text.Flush();
                break;
            case StructKind.Any or StructKind.Json:
                _values += to - from;
                _content.Append(StructSlicer.CutValues(bytes, view, from, to));
                break;
            default:
                _content.Append(bytes[view.Content..view.End]);
                break;
        }
    }

    private bool Continues(ulong client, in StructView view, uint clock, uint from, StructKind kind)
    {
        if (!_open || _kind != kind)
            return false;
        if (kind == StructKind.Gc)
            return true;
        if (kind is not (StructKind.Deleted or StructKind.String or StructKind.Any or StructKind.Json))
            return false;
        bool followsLast = from > 0 || (view.HasOrigin && view.OriginClient == client && view.OriginClock == clock - 1);
        return followsLast
            && _hasRight == view.HasRightOrigin
            && (!_hasRight || (_rightClient == view.RightClient && _rightClock == view.RightClock));
    }

    private void Open(ulong client, ReadOnlySpan<byte> bytes, in StructView view, uint clock, uint from, StructKind kind)
    {
        _open = true;
        _kind = kind;
        _start = clock + from;
        _values = 0;
        _hasRight = view.HasRightOrigin;
        _rightClient = view.RightClient;
        _rightClock = view.RightClock;
        _header.Clear();
        _content.Clear();
        WireWriter writer = new(_header);
        StructSlicer.WriteHeader(bytes, view, kind, client, clock, from, ref writer);
        writer.Flush();
    }

    private void Close()
    {
        if (!_open)
            return;
        _open = false;
        if (_output.Length - (_marks.Count > 0 ? _marks.Last.Offset : 0) >= UpdateScan.MarkDistance)
            _marks.Add(new UpdateScan.Mark(_output.Length, _start, _count));
        _lastOffset = _output.Length;
        _count++;
        WireWriter writer = new(_output);
        writer.PutBytes(_header.Written);
        switch (_kind)
        {
            case StructKind.Gc or StructKind.Deleted:
                writer.PutVarUInt(_end - _start);
                break;
            case StructKind.String:
                writer.PutVarUInt((ulong)_content.Length);
                break;
            case StructKind.Any or StructKind.Json:
                writer.PutVarUInt(_values);
                break;
        }

        writer.PutBytes(_content.Written);
        writer.Flush();
    }
}
