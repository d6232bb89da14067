namespace CoEdit.Crdt;

/// <summary>
/// Sorts as <c>Array.prototype.sort</c> of V8 does (TimSort: Tim Peters, listsort.txt, 2002), comparison by comparison. The outcome is the
/// same even for a comparison that contradicts itself, see <see cref="MergeQueue"/>; this is the only reason for its existence.
/// </summary>
/// <param name="heads">What the sorted indices stand for.</param>
internal sealed class V8Sort(MergeHead[] heads)
{
    private const int SmallestMerge = 64;
    private const int FirstGallop = 7;

    private readonly List<(int Start, int Length)> _runs = [];
    private int[] _items = [];
    private int[] _left = [];
    private int _minGallop;

    /// <summary>How many comparisons were made so far.</summary>
    public long Comparisons { get; private set; }

    public void Sort(int[] items, int count)
    {
        if (count < 2)
            return;
        _items = items;
        _minGallop = FirstGallop;
        _runs.Clear();
        int minRun = MinRun(count);
        for (int low = 0; low < count;)
        {
            int length = CountRun(low, count);
            if (length < minRun)
            {
                int forced = Math.Min(minRun, count - low);
                InsertionSort(low, low + length, low + forced);
                length = forced;
            }

            _runs.Add((low, length));
            Collapse();
            low += length;
        }

        while (_runs.Count > 1)
        {
            int n = _runs.Count - 2;
            if (n > 0 && _runs[n - 1].Length < _runs[n + 1].Length)
                n--;
            MergeAt(n);
        }
    }

    private static int MinRun(int count)
    {
        int rest = 0;
        while (count >= SmallestMerge)
        {
            rest |= count & 1;
            count >>= 1;
        }

        return count + rest;
    }

    private int Compare(int a, int b)
    {
        Comparisons++;
        return heads[a].CompareTo(heads[b]);
    }

    // Length of the run at low; a descending one is turned round.
    private int CountRun(int low, int high)
    {
        if (low + 1 == high)
            return 1;
        bool descending = Compare(_items[low + 1], _items[low]) < 0;
        int end = low + 2;
        while (end < high && Compare(_items[end], _items[end - 1]) < 0 == descending)
            end++;
        if (descending)
            _items.AsSpan(low, end - low).Reverse();
        return end - low;
    }

    private void InsertionSort(int low, int start, int high)
    {
        for (int i = start == low ? start + 1 : start; i < high; i++)
        {
            int pivot = _items[i];
            int left = low;
            int right = i;
            while (left < right)
            {
                int middle = left + ((right - left) >> 1);
                if (Compare(pivot, _items[middle]) < 0)
                    right = middle;
                else
                    left = middle + 1;
            }

            Array.Copy(_items, left, _items, left + 1, i - left);
            _items[left] = pivot;
        }
    }

    // Keeps the lengths of waiting runs growing from the top of the stack to its bottom like Fibonacci numbers.
    private void Collapse()
    {
        while (_runs.Count > 1)
        {
            int n = _runs.Count - 2;
            if (!IsBalanced(n + 1) || !IsBalanced(n))
            {
                if (_runs[n - 1].Length < _runs[n + 1].Length)
                    n--;
                MergeAt(n);
            }
            else if (_runs[n].Length <= _runs[n + 1].Length)
            {
                MergeAt(n);
            }
            else
            {
                break;
            }
        }
    }

    private bool IsBalanced(int n) => n < 2 || _runs[n - 2].Length > _runs[n - 1].Length + _runs[n].Length;

    private void MergeAt(int n)
    {
        (int a, int lengthA) = _runs[n];
        (int b, int lengthB) = _runs[n + 1];
        _runs[n] = (a, lengthA + lengthB);
        _runs.RemoveAt(n + 1);

        // What is in its place already at either end stays there.
        int done = GallopRight(_items, _items[b], a, lengthA, 0);
        a += done;
        lengthA -= done;
        if (lengthA == 0)
            return;
        lengthB = GallopLeft(_items, _items[a + lengthA - 1], b, lengthB, lengthB - 1);
        if (lengthB == 0)
            return;
        if (lengthA <= lengthB)
            MergeLow(a, lengthA, b, lengthB);
        else
            MergeHigh(a, lengthA, b, lengthB);
    }

    // How many of the items are smaller than the key.
    private int GallopLeft(int[] items, int key, int start, int length, int hint)
    {
        int last = 0;
        int offset = 1;
        if (Compare(items[start + hint], key) < 0)
        {
            int most = length - hint;
            while (offset < most && Compare(items[start + hint + offset], key) < 0)
                (last, offset) = (offset, (2 * offset) + 1);
            (last, offset) = (hint + last, hint + Math.Min(offset, most));
        }
        else
        {
            int most = hint + 1;
            while (offset < most && Compare(items[start + hint - offset], key) >= 0)
                (last, offset) = (offset, (2 * offset) + 1);
            (last, offset) = (hint - Math.Min(offset, most), hint - last);
        }

        last++;
        while (last < offset)
        {
            int middle = last + ((offset - last) >> 1);
            if (Compare(items[start + middle], key) < 0)
                last = middle + 1;
            else
                offset = middle;
        }

        return offset;
    }

    // How many of the items are not greater than the key.
    private int GallopRight(int[] items, int key, int start, int length, int hint)
    {
        int last = 0;
        int offset = 1;
        if (Compare(key, items[start + hint]) < 0)
        {
            int most = hint + 1;
            while (offset < most && Compare(key, items[start + hint - offset]) < 0)
                (last, offset) = (offset, (2 * offset) + 1);
            (last, offset) = (hint - Math.Min(offset, most), hint - last);
        }
        else
        {
            int most = length - hint;
            while (offset < most && Compare(key, items[start + hint + offset]) >= 0)
                (last, offset) = (offset, (2 * offset) + 1);
            (last, offset) = (hint + last, hint + Math.Min(offset, most));
        }

        last++;
        while (last < offset)
        {
            int middle = last + ((offset - last) >> 1);
            if (Compare(key, items[start + middle]) < 0)
                offset = middle;
            else
                last = middle + 1;
        }

        return offset;
    }

    private void CopyAside(int start, int length)
    {
        if (_left.Length < length)
            _left = new int[Math.Max(length, 2 * _left.Length)];
        Array.Copy(_items, start, _left, 0, length);
    }

    // Merges from the front; run a, the shorter one, is copied aside.
    private void MergeLow(int a, int lengthA, int b, int lengthB)
    {
        CopyAside(a, lengthA);
        int from = 0;
        int to = a;
        _items[to++] = _items[b++];
        if (--lengthB > 0 && lengthA > 1)
            MergeLowLoop(ref from, ref lengthA, ref b, ref lengthB, ref to);
        if (lengthB == 0)
        {
            Array.Copy(_left, from, _items, to, lengthA);
        }
        else if (lengthA == 1)
        {
            // The last of run a is the greatest of all.
            Array.Copy(_items, b, _items, to, lengthB);
            _items[to + lengthB] = _left[from];
        }
    }

    private void MergeLowLoop(ref int from, ref int lengthA, ref int b, ref int lengthB, ref int to)
    {
        int minGallop = _minGallop;
        while (true)
        {
            int winsA = 0;
            int winsB = 0;
            while (winsA < minGallop && winsB < minGallop)
            {
                if (Compare(_items[b], _left[from]) < 0)
                {
                    _items[to++] = _items[b++];
                    winsB++;
                    winsA = 0;
                    if (--lengthB == 0)
                        return;
                }
                else
                {
                    _items[to++] = _left[from++];
                    winsA++;
                    winsB = 0;
                    if (--lengthA == 1)
                        return;
                }
            }

            minGallop++;
            do
            {
                minGallop = Math.Max(1, minGallop - 1);
                _minGallop = minGallop;
                winsA = GallopRight(_left, _items[b], from, lengthA, 0);
                if (winsA > 0)
                {
                    Array.Copy(_left, from, _items, to, winsA);
                    to += winsA;
                    from += winsA;
                    lengthA -= winsA;
                    if (lengthA <= 1)
                        return;
                }

                _items[to++] = _items[b++];
                if (--lengthB == 0)
                    return;
                winsB = GallopLeft(_items, _left[from], b, lengthB, 0);
                if (winsB > 0)
                {
                    Array.Copy(_items, b, _items, to, winsB);
                    to += winsB;
                    b += winsB;
                    lengthB -= winsB;
                    if (lengthB == 0)
                        return;
                }

                _items[to++] = _left[from++];
                if (--lengthA == 1)
                    return;
            }
            while (winsA >= FirstGallop || winsB >= FirstGallop);

            minGallop++;
            _minGallop = minGallop;
        }
    }

    // Merges from the back; run b, the shorter one, is copied aside.
    private void MergeHigh(int a, int lengthA, int b, int lengthB)
    {
        CopyAside(b, lengthB);
        int from = lengthB - 1;
        int to = b + lengthB - 1;
        int lastA = a + lengthA - 1;
        _items[to--] = _items[lastA--];
        if (--lengthA > 0 && lengthB > 1)
            MergeHighLoop(a, ref lastA, ref lengthA, ref from, ref lengthB, ref to);
        if (lengthA == 0)
        {
            Array.Copy(_left, 0, _items, to - (lengthB - 1), lengthB);
        }
        else if (lengthB == 1)
        {
            // The first of run b is the smallest of all.
            Array.Copy(_items, lastA - lengthA + 1, _items, to - lengthA + 1, lengthA);
            _items[to - lengthA] = _left[from];
        }
    }

    private void MergeHighLoop(int a, ref int lastA, ref int lengthA, ref int from, ref int lengthB, ref int to)
    {
        int minGallop = _minGallop;
        while (true)
        {
            int winsA = 0;
            int winsB = 0;
            while (winsA < minGallop && winsB < minGallop)
            {
                if (Compare(_left[from], _items[lastA]) < 0)
                {
                    _items[to--] = _items[lastA--];
                    winsA++;
                    winsB = 0;
                    if (--lengthA == 0)
                        return;
                }
                else
                {
                    _items[to--] = _left[from--];
                    winsB++;
                    winsA = 0;
                    if (--lengthB == 1)
                        return;
                }
            }

            minGallop++;
            do
            {
                minGallop = Math.Max(1, minGallop - 1);
                _minGallop = minGallop;
                winsA = lengthA - GallopRight(_items, _left[from], a, lengthA, lengthA - 1);
                if (winsA > 0)
                {
                    to -= winsA;
                    lastA -= winsA;
                    Array.Copy(_items, lastA + 1, _items, to + 1, winsA);
                    lengthA -= winsA;
                    if (lengthA == 0)
                        return;
                }

                _items[to--] = _left[from--];
                if (--lengthB == 1)
                    return;
                winsB = lengthB - GallopLeft(_left, _items[lastA], 0, lengthB, lengthB - 1);
                if (winsB > 0)
                {
                    to -= winsB;
                    from -= winsB;
                    Array.Copy(_left, from + 1, _items, to + 1, winsB);
                    lengthB -= winsB;
                    if (lengthB <= 1)
                        return;
                }

                _items[to--] = _items[lastA--];
                if (--lengthA == 0)
                    return;
            }
            while (winsA >= FirstGallop || winsB >= FirstGallop);

            minGallop++;
            _minGallop = minGallop;
        }
    }
}
