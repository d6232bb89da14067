using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>All structs of one client in clock order without gaps: clock to handle, and the client's text.</summary>
/// <remarks>
/// <code>
/// firsts   [   0 | 612 | 1400 ]           first clock of each chunk
///              |     |      |
/// clocks   [0,5,9..] [612..] [1400..]     up to 256 entries a chunk
/// handles  [7,8,2..] [ 40..] [  91..]
/// </code>
/// A position is <c>chunk &lt;&lt; 8 | slot</c>. It stays valid until a struct in or before its chunk is inserted or removed.
/// </remarks>
internal sealed class ClientStructs(ulong id, int index)
{
    public const int FirstPosition = 0;

    private const int ChunkBits = 8;
    private const int ChunkSize = 1 << ChunkBits;
    private const int ChunkMask = ChunkSize - 1;

    private int[][] _clocks = [];
    private int[][] _handles = [];
    private int[] _firsts = [];
    private int[] _counts = [];
    private int _chunks;
    private int _hit;

    // A chunk that has just become empty; typing at the edge of a full one makes and empties a chunk with every letter.
    private int[]? _spareClocks;
    private int[]? _spareHandles;

    public ulong Id { get; } = id;

    public int Index { get; } = index;

    /// <summary>The id as <c>u(n)</c>, in the low bytes, and how many bytes that are: 8 at most, for ids have 53 bits.</summary>
    public readonly ulong WireId = PackedVarUInt.Pack(id);
    public readonly int WireIdLength = Lib0Writer.VarUIntLength(id);

    /// <summary>The next expected clock.</summary>
    public int State;

    /// <summary>The transaction that last gave this client new structs, and the state before it did.</summary>
    public int ChangedIn;
    public int Before;

    /// <summary>The transaction that last sorted deletions of this client, and the client's place among them.</summary>
    public int DeletedIn;
    public int DeleteRank;

    /// <summary>The decoded update that last had a section of this client, and which of its sections that was.</summary>
    public long SectionIn;
    public int Section;

    public readonly TextBuffer Text = new();

    public bool IsEmpty => _chunks == 0;

    public int ChunkCount => _chunks;

    public ReadOnlySpan<int> HandlesOf(int chunk) => _handles[chunk].AsSpan(0, _counts[chunk]);

    public int Count
    {
        get
        {
            int count = 0;
            for (int i = 0; i < _chunks; i++)
                count += _counts[i];
            return count;
        }
    }

    public int LastPosition => ((_chunks - 1) << ChunkBits) | (_counts[_chunks - 1] - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int HandleAt(int position) => _handles[position >> ChunkBits][position & ChunkMask];

    public int ClockAt(int position) => _clocks[position >> ChunkBits][position & ChunkMask];

    /// <summary>The clock behind the struct at a position.</summary>
    public int EndAt(int position)
    {
        int next = Next(position);
        return next < 0 ? State : ClockAt(next);
    }

    /// <summary>The position of the struct that holds <paramref name="clock"/>, which must be below <see cref="State"/>.</summary>
    public int Find(int clock)
    {
        Debug.Assert(clock >= 0 && clock < State, "The caller compares with the state first.");
        int chunk = _chunks - 1;
        int[] clocks = _clocks[chunk];
        int last = _counts[chunk] - 1;
        if (clock >= clocks[last])
            return _hit = (chunk << ChunkBits) | last;

        // Runs of references stay near each other: the last hit and its neighbours come first.
        int hit = _hit;
        chunk = hit >> ChunkBits;
        int slot = hit & ChunkMask;
        if (chunk < _chunks)
        {
            clocks = _clocks[chunk];
            int count = _counts[chunk];
            if (slot + 1 < count)
            {
                if (IsWithin(clock, clocks[slot], clocks[slot + 1]))
                    return hit;
                if (slot + 2 < count && IsWithin(clock, clocks[slot + 1], clocks[slot + 2]))
                    return _hit = hit + 1;
            }
        }

        // Full chunks of structs of one unit each, which is what edits at random places make, begin where their number says.
        chunk = clock >> ChunkBits;
        if (chunk >= _chunks || !IsWithin(clock, _firsts[chunk], chunk + 1 < _chunks ? _firsts[chunk + 1] : State))
            chunk = LastAtOrBelow(_firsts, _chunks, clock);
        clocks = _clocks[chunk];
        last = _counts[chunk] - 1;

        // Nor do they need a search.
        slot = clocks[last] - clocks[0] == last ? Math.Min(clock - clocks[0], last) : LastAtOrBelow(clocks, last + 1, clock);
        return _hit = (chunk << ChunkBits) | slot;
    }

    /// <summary>The next position, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int position)
    {
        int chunk = position >> ChunkBits;
        if ((position & ChunkMask) + 1 < _counts[chunk])
            return position + 1;
        return chunk + 1 < _chunks ? (chunk + 1) << ChunkBits : -1;
    }

    /// <summary>The previous position, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Previous(int position)
    {
        if ((position & ChunkMask) > 0)
            return position - 1;
        int chunk = (position >> ChunkBits) - 1;
        return chunk < 0 ? -1 : (chunk << ChunkBits) | (_counts[chunk] - 1);
    }

    public int CountFrom(int position)
    {
        int chunk = position >> ChunkBits;
        int count = _counts[chunk] - (position & ChunkMask);
        for (int i = chunk + 1; i < _chunks; i++)
            count += _counts[i];
        return count;
    }

    public void Append(int clock, int handle)
    {
        int chunk = _chunks - 1;
        if (chunk >= 0)
        {
            int slot = _counts[chunk];
            int[] clocks = _clocks[chunk];
            int[] handles = _handles[chunk];
            if ((uint)slot < (uint)clocks.Length && (uint)slot < (uint)handles.Length)
            {
                clocks[slot] = clock;
                handles[slot] = handle;
                _counts[chunk] = slot + 1;
                if (slot == 0)
                    _firsts[chunk] = clock;
                return;
            }
        }

        if (chunk < 0 || _counts[chunk] == ChunkSize)
            AddChunk(++chunk, clock);
        Put(chunk, _counts[chunk], clock, handle);
    }

    /// <summary>Inserts behind a position and returns the new struct's position.</summary>
    public int InsertAfter(int position, int clock, int handle)
    {
        int chunk = position >> ChunkBits;
        int slot = (position & ChunkMask) + 1;
        if (_counts[chunk] == ChunkSize)
        {
            SplitChunk(chunk);
            if (slot > _counts[chunk])
            {
                slot -= _counts[chunk];
                chunk++;
            }
        }

        Put(chunk, slot, clock, handle);
        return (chunk << ChunkBits) | slot;
    }

    public void RemoveAt(int position)
    {
        int chunk = position >> ChunkBits;
        int slot = position & ChunkMask;
        int count = --_counts[chunk];
        if (slot < count)
        {
            Array.Copy(_clocks[chunk], slot + 1, _clocks[chunk], slot, count - slot);
            Array.Copy(_handles[chunk], slot + 1, _handles[chunk], slot, count - slot);
        }

        if (count == 0)
            RemoveChunk(chunk);
        else if (slot == 0)
            _firsts[chunk] = _clocks[chunk][0];
    }

    /// <summary>Forgets everything from a position on; for a pass that writes the tail again with <see cref="Append"/>.</summary>
    public void TruncateAt(int position)
    {
        int chunk = position >> ChunkBits;
        int slot = position & ChunkMask;
        for (int i = slot > 0 ? chunk + 1 : chunk; i < _chunks; i++)
        {
            if (_clocks[i].Length == ChunkSize)
                (_spareClocks, _spareHandles) = (_clocks[i], _handles[i]);
            _clocks[i] = [];
            _handles[i] = [];
        }

        _chunks = slot > 0 ? chunk + 1 : chunk;
        if (slot > 0)
            _counts[chunk] = slot;
    }

    /// <summary>Overwrites the entry at a position; for a compacting pass that reads ahead of where it writes.</summary>
    public void Overwrite(int position, int clock, int handle)
    {
        _clocks[position >> ChunkBits][position & ChunkMask] = clock;
        _handles[position >> ChunkBits][position & ChunkMask] = handle;
        if ((position & ChunkMask) == 0)
            _firsts[position >> ChunkBits] = clock;
    }

    public void MoveStart(int position, int clock)
    {
        _clocks[position >> ChunkBits][position & ChunkMask] = clock;
        if ((position & ChunkMask) == 0)
            _firsts[position >> ChunkBits] = clock;
    }

    private void Put(int chunk, int slot, int clock, int handle)
    {
        int count = _counts[chunk];
        if (count == _clocks[chunk].Length)
        {
            Array.Resize(ref _clocks[chunk], Math.Min(ChunkSize, 2 * count));
            Array.Resize(ref _handles[chunk], Math.Min(ChunkSize, 2 * count));
        }

        int[] clocks = _clocks[chunk];
        int[] handles = _handles[chunk];
        if (slot < count)
        {
            Array.Copy(clocks, slot, clocks, slot + 1, count - slot);
            Array.Copy(handles, slot, handles, slot + 1, count - slot);
        }

        clocks[slot] = clock;
        handles[slot] = handle;
        _counts[chunk] = count + 1;
        if (slot == 0)
            _firsts[chunk] = clock;
    }

    private void AddChunk(int at, int clock)
    {
        if (_chunks == _firsts.Length)
        {
            int size = Math.Max(1, 2 * _chunks);
            Array.Resize(ref _clocks, size);
            Array.Resize(ref _handles, size);
            Array.Resize(ref _firsts, size);
            Array.Resize(ref _counts, size);
        }

        int behind = _chunks - at;
        Array.Copy(_clocks, at, _clocks, at + 1, behind);
        Array.Copy(_handles, at, _handles, at + 1, behind);
        Array.Copy(_firsts, at, _firsts, at + 1, behind);
        Array.Copy(_counts, at, _counts, at + 1, behind);
        int capacity = _chunks == 0 ? 4 : ChunkSize;
        _clocks[at] = TakeSpare(ref _spareClocks, capacity);
        _handles[at] = TakeSpare(ref _spareHandles, capacity);
        _firsts[at] = clock;
        _counts[at] = 0;
        _chunks++;
    }

    private static int[] TakeSpare(ref int[]? spare, int capacity)
    {
        if (capacity != ChunkSize || spare is not { } taken)
            return new int[capacity];
        spare = null;
        return taken;
    }

    private void SplitChunk(int chunk)
    {
        const int half = ChunkSize / 2;
        AddChunk(chunk + 1, _clocks[chunk][half]);
        Array.Copy(_clocks[chunk], half, _clocks[chunk + 1], 0, ChunkSize - half);
        Array.Copy(_handles[chunk], half, _handles[chunk + 1], 0, ChunkSize - half);
        _counts[chunk] = half;
        _counts[chunk + 1] = ChunkSize - half;
    }

    private void RemoveChunk(int chunk)
    {
        int[] emptyClocks = _clocks[chunk];
        int[] emptyHandles = _handles[chunk];
        int behind = _chunks - chunk - 1;
        Array.Copy(_clocks, chunk + 1, _clocks, chunk, behind);
        Array.Copy(_handles, chunk + 1, _handles, chunk, behind);
        Array.Copy(_firsts, chunk + 1, _firsts, chunk, behind);
        Array.Copy(_counts, chunk + 1, _counts, chunk, behind);
        _chunks--;
        _clocks[_chunks] = [];
        _handles[_chunks] = [];
        if (emptyClocks.Length == ChunkSize)
            (_spareClocks, _spareHandles) = (emptyClocks, emptyHandles);
    }

    // One comparison: where clocks are random, two branches would both be guessed wrong half of the time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWithin(int clock, int start, int end) => (uint)(clock - start) < (uint)(end - start);

    // No branch depends on the data, so nothing is mispredicted.
    private static int LastAtOrBelow(int[] sorted, int count, int value)
    {
        int low = 0;
        while (count > 1)
        {
            int half = count >> 1;
            low += sorted[low + half] <= value ? half : 0;
            count -= half;
        }

        return low;
    }
}
