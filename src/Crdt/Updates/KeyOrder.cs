using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <summary>Finds the objects in a lib0 value whose properties JavaScript would give another order, and remembers the right one.</summary>
/// <remarks>
/// In JavaScript integer-like keys come first, ascending; a repeated key keeps its first place and its last value; reading a lib0 value
/// loses a key named <c>__proto__</c>, while <c>JSON.parse</c> keeps it. Yjs never writes an object in another order, so there is almost
/// always nothing to remember. Nesting costs a frame of a stack, not a call.
/// </remarks>
internal sealed class KeyOrder
{
    private const int FewKeys = 8;
    private const uint LargestIndex = uint.MaxValue - 1;
    private const int LongestIndex = 10;

    private readonly Dictionary<int, Order> _orders = [];
    private readonly List<Frame> _frames = [];
    private readonly List<Entry> _open = [];
    private readonly List<int> _starts = [];

    /// <summary>Entries of one object in their right order.</summary>
    /// <param name="First">Index of the first in <see cref="Start"/>.</param>
    /// <param name="Count">How many are left.</param>
    /// <param name="End">Offset behind the object.</param>
    public readonly record struct Order(int First, int Count, int End);

    private readonly record struct Entry(int Start, int Key, int KeyLength);

    private struct Frame
    {
        public int Start;
        public ulong Left;
        public bool IsObject;
        public int FirstEntry;
    }

    /// <summary>Looks through one validated value.</summary>
    /// <param name="any">The value.</param>
    /// <param name="fromJson">True when it stands for JSON text, where <c>__proto__</c> is a key like any other.</param>
    public void Scan(ReadOnlySpan<byte> any, bool fromJson)
    {
        _orders.Clear();
        _frames.Clear();
        _open.Clear();
        _starts.Clear();
        Lib0Reader reader = new(any);
        while (true)
        {
            int start = reader.Position;
            byte tag = reader.PeekByte();
            if (tag is AnyTag.Object or AnyTag.Array)
            {
                reader.ReadByte();
                _frames.Add(new Frame { Start = start, Left = reader.ReadVarUInt(), IsObject = tag == AnyTag.Object, FirstEntry = _open.Count });
            }
            else
            {
                AnyValue.Skip(ref reader, 1);
            }

            while (_frames.Count > 0 && _frames[^1].Left == 0)
                Close(any, reader.Position, fromJson);
            if (_frames.Count == 0)
                return;
            ref Frame frame = ref CollectionsMarshal.AsSpan(_frames)[^1];
            frame.Left--;
            if (frame.IsObject)
            {
                int entry = reader.Position;
                int length = reader.ReadVarBytes().Length;
                _open.Add(new Entry(entry, reader.Position - length, length));
            }
        }
    }

    /// <summary>Tells whether the object at an offset needs another order than the one in which it is written.</summary>
    public bool TryGet(int position, out Order order)
    {
        if (_orders.Count > 0)
            return _orders.TryGetValue(position, out order);
        order = default;
        return false;
    }

    /// <summary>Offset of an entry (its key) of an <see cref="Order"/>.</summary>
    public int Start(int index) => _starts[index];

    private void Close(ReadOnlySpan<byte> any, int end, bool fromJson)
    {
        Frame frame = _frames[^1];
        _frames.RemoveAt(_frames.Count - 1);
        if (!frame.IsObject)
            return;

        // What descendants had pushed is gone, so the object's own entries are the last ones.
        Span<Entry> entries = CollectionsMarshal.AsSpan(_open)[frame.FirstEntry..];
        if (!IsRegular(any, entries, fromJson))
            Arrange(any, entries, frame.Start, end, fromJson);
        _open.RemoveRange(frame.FirstEntry, _open.Count - frame.FirstEntry);
    }

    private static bool IsRegular(ReadOnlySpan<byte> any, ReadOnlySpan<Entry> entries, bool fromJson)
    {
        if (entries.Length > FewKeys)
            return false;
        for (int i = 0; i < entries.Length; i++)
        {
            ReadOnlySpan<byte> key = Key(any, entries[i]);
            if (!fromJson && IsProto(key))
                return false;
            if (entries.Length > 1 && IndexOf(key) is not null)
                return false;
            for (int k = 0; k < i; k++)
            {
                if (key.SequenceEqual(Key(any, entries[k])))
                    return false;
            }
        }

        return true;
    }

    private void Arrange(ReadOnlySpan<byte> any, ReadOnlySpan<Entry> entries, int start, int end, bool fromJson)
    {
        Dictionary<byte[], int> places = new(entries.Length, NameComparer.Instance);
        var lookup = places.GetAlternateLookup<ReadOnlySpan<byte>>();
        List<(uint? Index, int Start)> arranged = new(entries.Length);
        foreach (Entry entry in entries)
        {
            ReadOnlySpan<byte> key = Key(any, entry);
            if (!fromJson && IsProto(key))
                continue;
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(lookup, key, out bool exists);
            if (exists)
            {
                arranged[place] = (arranged[place].Index, entry.Start);
                continue;
            }

            place = arranged.Count;
            arranged.Add((IndexOf(key), entry.Start));
        }

        int first = _starts.Count;
        foreach ((uint? _, int at) in arranged.Where(entry => entry.Index is not null).OrderBy(entry => entry.Index))
            _starts.Add(at);
        foreach ((uint? index, int at) in arranged)
        {
            if (index is null)
                _starts.Add(at);
        }

        int count = _starts.Count - first;
        if (count == entries.Length && IsAscending(CollectionsMarshal.AsSpan(_starts)[first..]))
            _starts.RemoveRange(first, count);
        else
            _orders.Add(start, new Order(first, count, end));
    }

    private static bool IsAscending(ReadOnlySpan<int> starts)
    {
        for (int i = 1; i < starts.Length; i++)
        {
            if (starts[i] < starts[i - 1])
                return false;
        }

        return true;
    }

    private static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> any, Entry entry) => any.Slice(entry.Key, entry.KeyLength);

    private static bool IsProto(ReadOnlySpan<byte> key) => key.SequenceEqual("__proto__"u8);

    // The number of an array index: canonical decimal below 2^32 - 1.
    private static uint? IndexOf(ReadOnlySpan<byte> key)
    {
        if (key.Length is 0 or > LongestIndex || (key[0] == (byte)'0' && key.Length > 1))
            return null;
        ulong value = 0;
        foreach (byte c in key)
        {
            if (c is < (byte)'0' or > (byte)'9')
                return null;
            value = (value * 10) + (ulong)(c - '0');
        }

        return value <= LargestIndex ? (uint)value : null;
    }
}
