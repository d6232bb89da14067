using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>A list of XML elements, texts and hooks.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Yjs' word.")]
public partial class YXmlFragment : YType, IReadOnlyList<YType>
{
    private List<YType>? _preliminary = [];

    /// <summary>Creates a preliminary fragment.</summary>
    public YXmlFragment()
    {
    }

    /// <summary>Number of children.</summary>
    public int Count => Doc is null ? _preliminary!.Count : Store.Type(Handle).Length;

    internal override int TypeRef => XmlFragmentRef;

    /// <summary>The child at an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such child.</exception>
    public YType this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return Doc is null ? _preliminary![index] : Store.ValueAtIndex(Handle, index).AsType();
        }
    }

    /// <summary>Inserts children before an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the number of children.</exception>
    /// <exception cref="ArgumentException">A child is part of a document already, or appears twice.</exception>
    public void Insert(int index, params ReadOnlySpan<YType> children)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Count);
        if (Doc is null)
        {
            _preliminary!.InsertRange(index, children);
            return;
        }

        ContentCheck.Types(Store, children);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.InsertValues(transaction, Handle, index, Wrap(children));
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Appends children.</summary>
    public void Push(params ReadOnlySpan<YType> children) => Insert(Count, children);

    /// <summary>Deletes children.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the fragment.</exception>
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

    /// <summary>The children as an array of their own.</summary>
    public YType[] ToArray()
    {
        if (Doc is null)
            return [.. _preliminary!];
        List<YValue> values = [];
        Store.ReadList(Handle, values);
        return [.. values.Where(value => value.Kind == YValueKind.Type).Select(value => value.AsType())];
    }

    /// <summary>The nodes as text: names in lower case, attributes sorted by name, nothing escaped.</summary>
    /// <exception cref="DepthLimitException">They nest too deep.</exception>
    public override string ToString() => Doc is null ? "" : TypeReader.ToXml(Store, Handle);

    internal override void CheckContent(ref ContentCheck check) => check.AddTypes([.. _preliminary!]);

    internal override IEnumerator<int>? WriteContent(Transaction transaction)
    {
        if (_preliminary is not { } children)
            return null;
        _preliminary = null;
        return children.Count == 0 ? null : WriteChildren(transaction, Wrap([.. children]));
    }

    private IEnumerator<int> WriteChildren(Transaction transaction, YValue[] children)
    {
        int left = StructStore.None;
        for (int next = 0; next < children.Length; next++)
        {
            Store.InsertSome(transaction, Handle, ref left, StructStore.None, children.AsSpan(next, 1));
            yield return left;
        }
    }

    private static YValue[] Wrap(ReadOnlySpan<YType> children)
    {
        YValue[] values = new YValue[children.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = YValue.FromType(children[i]);
        return values;
    }
}
