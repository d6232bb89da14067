using System.Collections;

namespace CoEdit.Crdt;

/// <summary>A list of values, shared types and subdocuments.</summary>
public sealed partial class YArray : YType, IReadOnlyList<YValue>
{
    private List<YValue>? _preliminary = [];

    /// <summary>Creates a preliminary array.</summary>
    public YArray(params ReadOnlySpan<YValue> content) => _preliminary.AddRange(content);

    /// <summary>Number of elements.</summary>
    public int Count => Doc is null ? _preliminary!.Count : Store.Type(Handle).Length;

    internal override int TypeRef => ArrayRef;

    /// <summary>The element at an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public YValue this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return Doc is null ? _preliminary![index] : Store.ValueAtIndex(Handle, index);
        }
    }

    /// <summary>Inserts elements before an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    /// <exception cref="ArgumentException">
    /// An element is undefined or a bare 64-bit integer, which lists cannot hold, or a shared type that is in use already or inside a plain value.
    /// </exception>
    public void Insert(int index, params ReadOnlySpan<YValue> content)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Count);
        if (Doc is null)
        {
            _preliminary!.InsertRange(index, content);
            return;
        }

        ContentCheck.List(Store, content);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.InsertValues(transaction, Handle, index, content);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Appends elements.</summary>
    /// <exception cref="ArgumentException">
    /// An element is undefined or a bare 64-bit integer, which lists cannot hold, or a shared type that is in use already or inside a plain value.
    /// </exception>
    public void Push(params ReadOnlySpan<YValue> content)
    {
        if (Doc is null)
        {
            _preliminary!.AddRange(content);
            return;
        }

        ContentCheck.List(Store, content);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.InsertValuesAfter(transaction, Handle, Store.LastItem(Handle), content);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Deletes elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the array.</exception>
    public void Delete(int index, int length = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)index + length, Count, nameof(length));
        if (Doc is null)
        {
            _preliminary!.RemoveRange(index, length);
            return;
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.DeleteUnits(transaction, Handle, index, length);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>The elements as an array of their own.</summary>
    public YValue[] ToArray()
    {
        if (Doc is null)
            return [.. _preliminary!];
        List<YValue> values = [];
        Store.ReadList(Handle, values);
        return [.. values];
    }

    /// <inheritdoc/>
    public IEnumerator<YValue> GetEnumerator() => ((IEnumerable<YValue>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override void CheckContent(ref ContentCheck check) => check.AddList([.. _preliminary!]);

    internal override IEnumerator<int>? WriteContent(Transaction transaction)
    {
        if (_preliminary is not { } content)
            return null;
        _preliminary = null;
        return content.Count == 0 ? null : WriteContent(transaction, [.. content]);
    }

    private IEnumerator<int> WriteContent(Transaction transaction, YValue[] content)
    {
        int left = StructStore.None;
        for (int next = 0; next < content.Length;)
        {
            next += Store.InsertSome(transaction, Handle, ref left, StructStore.None, content.AsSpan(next));
            yield return left;
        }
    }
}
