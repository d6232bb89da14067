using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>A list as a mutable struct field: items by reference, no enumerator versions, memory kept between uses up to a bound.</summary>
/// <remarks>
/// Long lists take their arrays from the process' pool, so that loading one large document after the other doesn't make garbage. Who copies a
/// list uses one of the two from then on.
/// </remarks>
internal struct ScratchList<T>
    where T : struct
{
    private const int PooledFrom = 1024;

    private T[]? _items;
    private int _count;

    /// <param name="items">An array to use again.</param>
    public ScratchList(T[]? items)
    {
        _items = items;
        _count = 0;
    }

    public readonly int Count => _count;

    public readonly Span<T> Items => _items.AsSpan(0, _count);

    public readonly ref T this[int index] => ref _items.AsSpan(0, _count)[index];

    public readonly ref T Last => ref this[_count - 1];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in T item)
    {
        T[]? items = _items;
        if (items is null || _count == items.Length)
            items = Grow();
        items[_count++] = item;
    }

    /// <summary>Makes room for so many more at once; doubles at least, so that many small calls stay cheap.</summary>
    public void Reserve(int more)
    {
        if (_count + more > (_items?.Length ?? 0))
            Resize(Math.Max(_count + more, 2 * _count));
    }

    /// <summary>Adds so many items, which the caller fills: they hold what an earlier use left in them.</summary>
    public Span<T> AddUnset(int count)
    {
        Reserve(count);
        _count += count;
        return _items.AsSpan(_count - count, count);
    }

    /// <summary>Drops the items from <paramref name="count"/> on.</summary>
    public void Shrink(int count) => _count = Math.Min(_count, count);

    public void Clear(int keepAtMost = int.MaxValue)
    {
        _count = 0;
        if (_items is null || _items.Length <= keepAtMost)
            return;
        GiveBack();
        _items = null;
    }

    /// <summary>Gives up the array for another list to use, unless it is too large to keep.</summary>
    public T[]? TakeArray(int keepAtMost)
    {
        T[]? items = _items;
        _items = null;
        _count = 0;
        return items?.Length > keepAtMost ? null : items;
    }

    private T[] Grow()
    {
        Resize(Math.Max(8, 2 * _count));
        return _items;
    }

    [MemberNotNull(nameof(_items))]
    private void Resize(int size)
    {
        T[] larger = size < PooledFrom ? new T[size] : ArrayPool<T>.Shared.Rent(size);
        Items.CopyTo(larger);
        GiveBack();
        _items = larger;
    }

    private readonly void GiveBack()
    {
        if (_items is { Length: >= PooledFrom })
            ArrayPool<T>.Shared.Return(_items, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
    }
}
