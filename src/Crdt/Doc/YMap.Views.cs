using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>Whole contents, copies and past states of a map.</summary>
public partial class YMap
{
    /// <summary>Creates a preliminary map with entries.</summary>
    public YMap(IEnumerable<KeyValuePair<string, YValue>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach ((string key, YValue value) in entries)
            _preliminary![key] = value;
    }

    /// <summary>Deletes all names in one transaction.</summary>
    public void Clear()
    {
        if (Doc is null)
        {
            _preliminary!.Clear();
            return;
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            foreach ((string key, _) in Store.ReadKeys(Handle))
                Store.DeleteKey(transaction, Handle, key);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>The value of a name at the time of a snapshot.</summary>
    /// <remarks>A value that was deleted since is there only if the document keeps deleted content (<see cref="YDocOptions.Gc"/>).</remarks>
    /// <exception cref="InvalidOperationException">The map is preliminary or has been deleted.</exception>
    public bool TryGetValue(string key, Snapshot snapshot, [MaybeNullWhen(false)] out YValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(snapshot);
        CheckAttached();
        return Store.TryGetKey(Handle, key, snapshot, out value);
    }

    /// <summary>All names and values at the time of a snapshot.</summary>
    /// <remarks>Values that were deleted since are there only if the document keeps deleted content (<see cref="YDocOptions.Gc"/>).</remarks>
    /// <exception cref="InvalidOperationException">The map is preliminary or has been deleted.</exception>
    public YObject ToObject(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        CheckAttached();
        return Store.ReadKeys(Handle, snapshot);
    }

    /// <inheritdoc/>
    public override YMap Clone() => (YMap)base.Clone();
}
