namespace CoEdit.Crdt;

/// <summary>Parts, copies and past states of an array.</summary>
public sealed partial class YArray
{
    /// <summary>Inserts elements at the start.</summary>
    /// <exception cref="ArgumentException">An element is undefined or a bare 64-bit integer, which lists cannot hold.</exception>
    public void Unshift(params ReadOnlySpan<YValue> content) => Insert(0, content);

    /// <summary>The elements from <paramref name="start"/> up to <paramref name="end"/>, as JavaScript's <c>slice</c> cuts them.</summary>
    /// <param name="start">The first element; a negative number counts from the end.</param>
    /// <param name="end">The one behind the last; a negative number counts from the end, null is the end.</param>
    public YValue[] Slice(int start = 0, int? end = null) => Slicing.Cut(ToArray(), start, end);

    /// <summary>The elements at the time of a snapshot.</summary>
    /// <remarks>Deleted elements are there only if the document keeps deleted content (<see cref="YDocOptions.Gc"/>).</remarks>
    /// <exception cref="InvalidOperationException">The array is preliminary or has been deleted.</exception>
    public YValue[] ToArray(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        CheckAttached();
        return Store.ReadList(Handle, snapshot);
    }

    /// <inheritdoc/>
    public override YArray Clone() => (YArray)base.Clone();
}
