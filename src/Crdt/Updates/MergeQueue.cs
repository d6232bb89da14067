using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <summary>Says which of the updates being merged goes on: the one with the highest client, then the lowest clock.</summary>
/// <remarks>
/// Yjs keeps its readers in a list and sorts the list again after the first reader has moved on. The sort is stable, so among equals the one
/// that moved stays first; a heap with a stamp per reader does the same in logarithmic time.
/// <para>
/// The exception is a GC struct and an item at the same place. Yjs's comparison then contradicts itself, and which of the two is taken (so
/// whether the merged update carries the content or not) follows from the steps of the sorting algorithm of V8. Both are right, but the
/// bytes differ; so as long as there is such a pair, the list is kept and sorted the same way (<see cref="V8Sort"/>). This is as slow as it
/// is in Yjs and ends for good after <see cref="MostComparisons"/>.
/// </para>
/// </remarks>
internal sealed class MergeQueue
{
    private const long MostComparisons = 200_000_000;

    private readonly MergeHead[] _heads;
    private readonly long[] _stamps;
    private readonly int[] _order;
    private int _count;
    private long _nextStamp;

    // _order is a heap, or in the mode of the list all of it in order.
    private bool _isList;

    // How many items and GC structs are at each place, from the first GC struct on, and at how many places there are both.
    private Dictionary<(ulong Client, uint Clock), (int Items, int Gcs)>? _places;
    private int _contradictions;
    private readonly V8Sort _sort;

    public MergeQueue(int capacity)
    {
        _heads = new MergeHead[capacity];
        _stamps = new long[capacity];
        _order = new int[capacity];
        _sort = new V8Sort(_heads);
    }

    public bool IsEmpty => _count == 0;

    /// <summary>Index of the update that goes on.</summary>
    public int Top => _order[0];

    /// <summary>Adds an update. All of them are added before <see cref="Start"/>.</summary>
    public void Add(int index, MergeHead head)
    {
        _heads[index] = head;
        _stamps[index] = index;
        _order[_count++] = index;
    }

    /// <summary>Puts the updates in order.</summary>
    public void Start()
    {
        for (int i = 0; i < _count && _places is null; i++)
            Watch(_heads[_order[i]].IsGc);
        if (_contradictions > 0)
        {
            _isList = true;
            SortList();
            return;
        }

        Heapify();
    }

    /// <summary>The first update may have gone on to another struct.</summary>
    public void MoveTop(MergeHead head)
    {
        int top = _order[0];
        Count(_heads[top], -1);
        _heads[top] = head;
        _stamps[top] = --_nextStamp;
        Watch(head.IsGc, head);
        Restore();
    }

    /// <summary>The first update has no more structs.</summary>
    public void RemoveTop()
    {
        int top = _order[0];
        Count(_heads[top], -1);
        _count--;
        if (_isList)
            Array.Copy(_order, 1, _order, 0, _count);
        else
            _order[0] = _order[_count];
        Restore();
    }

    private void Restore()
    {
        if (_contradictions == 0 || _sort.Comparisons > MostComparisons)
        {
            if (_isList)
                LeaveList();
            else
                SiftDown(0);
            return;
        }

        if (!_isList)
            EnterList();
        SortList();
    }

    private void SortList() => _sort.Sort(_order, _count);

    // The list as Yjs has it before it sorts: the update that moved is still in front.
    private void EnterList()
    {
        _isList = true;
        long front = _nextStamp;
        _order.AsSpan(0, _count).Sort((a, b) =>
        {
            if (a == b)
                return 0;
            if (_stamps[a] == front || _stamps[b] == front)
                return _stamps[a] == front ? -1 : 1;
            return IsBefore(a, b) ? -1 : 1;
        });
    }

    private void LeaveList()
    {
        _isList = false;
        _nextStamp = 0;
        for (int i = 0; i < _count; i++)
            _stamps[_order[i]] = i;
        Heapify();
    }

    private void Heapify()
    {
        for (int i = (_count >> 1) - 1; i >= 0; i--)
            SiftDown(i);
    }

    private void SiftDown(int hole)
    {
        if (hole >= _count)
            return;
        int moving = _order[hole];
        while (true)
        {
            int child = (2 * hole) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && IsBefore(_order[child + 1], _order[child]))
                child++;
            if (!IsBefore(_order[child], moving))
                break;
            _order[hole] = _order[child];
            hole = child;
        }

        _order[hole] = moving;
    }

    private bool IsBefore(int a, int b)
    {
        ref MergeHead left = ref _heads[a];
        ref MergeHead right = ref _heads[b];
        if (left.Client != right.Client)
            return left.Client > right.Client;
        return left.Clock != right.Clock ? left.Clock < right.Clock : _stamps[a] < _stamps[b];
    }

    // Counting begins with the first GC struct: most merges never see one.
    private void Watch(bool isGc, MergeHead? moved = null)
    {
        if (_places is not null)
        {
            if (moved is { } head)
                Count(head, 1);
            return;
        }

        if (!isGc)
            return;
        _places = [];
        for (int i = 0; i < _count; i++)
            Count(_heads[_order[i]], 1);
    }

    private void Count(MergeHead head, int change)
    {
        if (_places is null)
            return;
        ref (int Items, int Gcs) place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, (head.Client, head.Clock), out _);
        bool before = place.Items > 0 && place.Gcs > 0;
        if (head.IsGc)
            place.Gcs += change;
        else
            place.Items += change;
        bool after = place.Items > 0 && place.Gcs > 0;
        _contradictions += (after ? 1 : 0) - (before ? 1 : 0);
        if (place is (0, 0))
            _places.Remove((head.Client, head.Clock));
    }
}
