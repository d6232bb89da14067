using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <summary>Item records by handle, in pages of 512 below the large object heap, which documents share through a pool of the process.</summary>
/// <remarks>
/// The first page of a document grows 4, 8, … 512, so that a tiny document stays tiny. Hence a <c>ref</c> into the table must not be held
/// over <see cref="Allocate"/>. Freed handles are chained through <see cref="Item.Right"/>.
/// </remarks>
internal sealed class ItemPages
{
    private const int PageBits = 9;
    private const int PageSize = 1 << PageBits;
    private const int PageMask = PageSize - 1;
    private const int PooledPages = 256;

    private static readonly ConcurrentBag<Item[]> Pool = [];

    private Item[][] _pages = [new Item[4]];
    private int _used = 1;

    // How many handles the present pages have room for.
    private int _room = 4;
    private int _free;
    private int _freeCount;

    /// <summary>One above the largest handle ever given out.</summary>
    public int HandleLimit => _used;

    public int LiveCount => _used - 1 - _freeCount;

    public ref Item this[int handle]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_pages[handle >> PageBits]), handle & PageMask);
    }

    /// <summary>A handle for a new item. What the record holds is undefined: every field has to be set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Allocate() => _free == 0 && _used < _room ? _used++ : AllocateElsewhere();

    private int AllocateElsewhere()
    {
        int handle = _free;
        if (handle != 0)
        {
            _free = this[handle].Right;
            _freeCount--;
            return handle;
        }

        handle = _used++;
        if (handle >= PageSize)
        {
            AddPage(handle >> PageBits);
            _room = handle + PageSize;
        }
        else
        {
            _room = Math.Min(PageSize, 2 * _room);
            Array.Resize(ref _pages[0], _room);
        }

        return handle;
    }

    public void Free(int handle)
    {
        ref Item item = ref this[handle];
        item = default;
        item.Right = _free;
        _free = handle;
        _freeCount++;
    }

    /// <summary>Gives the pages back to the process. Every handle is out of range afterwards, so that no page of another document can be reached.</summary>
    public void Release()
    {
        Item[][] pages = _pages;
        _pages = [];
        _used = 1;
        _room = 0;
        _free = 0;
        _freeCount = 0;
        foreach (Item[]? page in pages)
        {
            if (page is { Length: PageSize } && Pool.Count < PooledPages)
            {
                Array.Clear(page);
                Pool.Add(page);
            }
        }
    }

    private void AddPage(int index)
    {
        if (index >= _pages.Length)
            Array.Resize(ref _pages, Math.Max(index + 1, 2 * _pages.Length));
        _pages[index] = Pool.TryTake(out Item[]? page) ? page : GC.AllocateUninitializedArray<Item>(PageSize);
    }
}
