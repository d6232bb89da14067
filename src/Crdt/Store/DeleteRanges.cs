namespace CoEdit.Crdt;

/// <summary>The deleted clocks of one client: sorted ranges that neither overlap nor touch.</summary>
/// <remarks>Owned by one store. Looking near the last touched range costs O(1), which is where typing and backspacing happen.</remarks>
internal sealed class DeleteRanges
{
    private Interval[] _ranges = [];
    private int _count;
    private int _last;

    internal struct Interval
    {
        public uint Start;
        public uint End;
    }

    public int Count => _count;

    public ReadOnlySpan<Interval> Ranges => _ranges.AsSpan(0, _count);

    /// <summary>The end of the last range, 0 when there is none.</summary>
    public uint End => _count == 0 ? 0 : _ranges[_count - 1].End;

    /// <summary>Index of the first range that ends after <paramref name="clock"/>; <see cref="Count"/> if there is none.</summary>
    public int IndexAfter(uint clock)
    {
        int low = 0;
        int high = _count;
        if (_last < high)
        {
            if (_ranges[_last].End <= clock)
                low = _last + 1;
            else if (_last == 0 || _ranges[_last - 1].End <= clock)
                return _last;
            else
                high = _last;
        }

        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].End <= clock)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>True when every clock of the range is deleted.</summary>
    public bool Contains(uint start, uint end)
    {
        int index = IndexAfter(start);
        return index < _count && _ranges[index].Start <= start && _ranges[index].End >= end;
    }

    /// <summary>True when some clock of the range is deleted.</summary>
    public bool Intersects(uint start, uint end)
    {
        int index = IndexAfter(start);
        return index < _count && _ranges[index].Start < end;
    }

    /// <summary>Marks the clocks from <paramref name="start"/> to <paramref name="end"/> (exclusive) as deleted.</summary>
    public void Add(uint start, uint end)
    {
        // Ranges [first, behind) touch the new one and melt into it.
        int first = start == 0 ? 0 : IndexAfter(start - 1);
        int behind = first;
        while (behind < _count && _ranges[behind].Start <= end)
            behind++;
        _last = first;
        if (behind == first)
        {
            if (_count == _ranges.Length)
                Array.Resize(ref _ranges, Math.Max(2, _count + (_count >> 1)));
            Array.Copy(_ranges, first, _ranges, first + 1, _count - first);
            _ranges[first] = new Interval { Start = start, End = end };
            _count++;
            return;
        }

        ref Interval merged = ref _ranges[first];
        merged.End = Math.Max(_ranges[behind - 1].End, end);
        merged.Start = Math.Min(merged.Start, start);
        if (behind > first + 1)
        {
            Array.Copy(_ranges, behind, _ranges, first + 1, _count - behind);
            _count -= behind - first - 1;
        }
    }

    /// <summary>Adds the parts of a range that are not deleted yet to <paramref name="missing"/>.</summary>
    /// <param name="client">Owner of the clocks, for <paramref name="missing"/>.</param>
    /// <param name="start">First clock.</param>
    /// <param name="end">Clock behind the last.</param>
    /// <param name="cursor">Where an earlier, smaller range ended; start with -1. Keeps ascending ranges linear.</param>
    /// <param name="missing">Receives the parts, ascending.</param>
    public void CollectMissing(ulong client, uint start, uint end, ref int cursor, ref ScratchList<ClockRange> missing)
    {
        const int Steps = 8;
        int index = cursor < 0 ? IndexAfter(start) : cursor;
        for (int step = 0; index < _count && _ranges[index].End <= start; index++)
        {
            if (++step == Steps)
            {
                index = IndexAfter(start);
                break;
            }
        }

        while (start < end)
        {
            if (index == _count || _ranges[index].Start >= end)
            {
                missing.Add(new ClockRange(client, start, end));
                break;
            }

            if (_ranges[index].Start > start)
                missing.Add(new ClockRange(client, start, _ranges[index].Start));
            start = Math.Max(start, _ranges[index].End);
            if (start >= end)
                break;
            index++;
        }

        cursor = index;
    }

    /// <summary>Adds many ranges at once: ascending, disjoint, none of them deleted yet.</summary>
    public void AddMissing(ReadOnlySpan<ClockRange> missing)
    {
        const int Few = 8;
        const int Near = 64;
        if (missing.IsEmpty)
            return;

        // The region [first, behind) is what the new ranges lie between or touch. A selection that is deleted is one small region.
        int first = missing[0].Start == 0 ? 0 : IndexAfter(missing[0].Start - 1);
        uint end = missing[^1].End;
        int behind = IndexAfter(end);
        while (behind < _count && _ranges[behind].Start <= end)
            behind++;
        if (missing.Length == 1 || (missing.Length <= Few && behind - first > Near))
        {
            foreach (ref readonly ClockRange range in missing)
                Add(range.Start, range.End);
            return;
        }

        // Move what lies behind the region, merge into the room from the back, then close up what touches.
        int total = _count + missing.Length;
        if (total > _ranges.Length)
            Array.Resize(ref _ranges, _count == 0 ? total : Math.Max(total, _ranges.Length + (_ranges.Length >> 1)));
        Array.Copy(_ranges, behind, _ranges, behind + missing.Length, _count - behind);
        int old = behind - 1;
        int fresh = missing.Length - 1;
        for (int to = behind + missing.Length - 1; fresh >= 0; to--)
        {
            _ranges[to] = old >= first && _ranges[old].Start > missing[fresh].Start
                ? _ranges[old--]
                : new Interval { Start = missing[fresh].Start, End = missing[fresh--].End };
        }

        int written = first;
        for (int i = first + 1; i < behind + missing.Length; i++)
        {
            if (_ranges[written].End >= _ranges[i].Start)
                _ranges[written].End = Math.Max(_ranges[written].End, _ranges[i].End);
            else
                _ranges[++written] = _ranges[i];
        }

        int closed = behind + missing.Length - (written + 1);
        Array.Copy(_ranges, behind + missing.Length, _ranges, written + 1, _count - behind);
        _count = total - closed;
        _last = written;
    }
}
