using System.Collections;

namespace CoEdit.Crdt;

/// <summary>Going through XML nodes.</summary>
public partial class YXmlFragment
{
    /// <summary>The first child, or null.</summary>
    public YType? FirstChild => Count > 0 ? this[0] : null;

    /// <summary>Inserts children behind one of them, or at the start when it is null.</summary>
    /// <exception cref="ArgumentException"><paramref name="reference"/> is not a child of this node.</exception>
    public void InsertAfter(YType? reference, params ReadOnlySpan<YType> children)
    {
        if (reference is null)
        {
            Insert(0, children);
            return;
        }

        int index = Array.IndexOf(ToArray(), reference);
        if (index < 0)
            throw new ArgumentException("The reference is not a child of this node.", nameof(reference));
        Insert(index + 1, children);
    }

    /// <summary>Inserts children at the start.</summary>
    public void Unshift(params ReadOnlySpan<YType> children) => Insert(0, children);

    /// <summary>The children from <paramref name="start"/> up to <paramref name="end"/>, as JavaScript's <c>slice</c> cuts them.</summary>
    /// <param name="start">The first child; a negative number counts from the end.</param>
    /// <param name="end">The one behind the last; a negative number counts from the end, null is the end.</param>
    public YType[] Slice(int start = 0, int? end = null) => Slicing.Cut(ToArray(), start, end);

    /// <summary>All nodes inside this one, each before its own children, without this one.</summary>
    /// <param name="filter">Which nodes to return. The children of the others are visited all the same. Null returns all.</param>
    /// <remarks>Lazy: the children of a node are read when the walk comes to them. Hooks have no children.</remarks>
    public IEnumerable<YType> CreateTreeWalker(Predicate<YType>? filter = null)
    {
        Stack<YType> waiting = new(ToArray().Reverse());
        while (waiting.TryPop(out YType? node))
        {
            if (filter is null || filter(node))
                yield return node;
            if (node is not YXmlFragment inner)
                continue;
            YType[] children = inner.ToArray();
            for (int i = children.Length - 1; i >= 0; i--)
                waiting.Push(children[i]);
        }
    }

    /// <summary>The first element inside with a name, whose case doesn't matter; or null. Names are all that can be asked for, as in Yjs.</summary>
    public YXmlElement? QuerySelector(string name) => Elements(name).FirstOrDefault();

    /// <summary>All elements inside with a name, whose case doesn't matter, in document order.</summary>
    public IReadOnlyList<YXmlElement> QuerySelectorAll(string name) => [.. Elements(name)];

    /// <inheritdoc/>
    public override YXmlFragment Clone() => (YXmlFragment)base.Clone();

    /// <inheritdoc/>
    public IEnumerator<YType> GetEnumerator() => ((IEnumerable<YType>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<YXmlElement> Elements(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return CreateTreeWalker()
            .OfType<YXmlElement>()
            .Where(element => string.Equals(element.NodeName, name, StringComparison.OrdinalIgnoreCase));
    }
}
