using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>Named values, shared types and subdocuments. Of concurrent changes of one name the client with the higher id wins.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Yjs' word.")]
public partial class YMap : YType, IReadOnlyDictionary<string, YValue>
{
    private OrderedDictionary<string, YValue>? _preliminary = [];

    /// <summary>Creates a preliminary map.</summary>
    public YMap()
    {
    }

    /// <summary>Number of names.</summary>
    public int Count => Doc is null ? _preliminary!.Count : Store.CountKeys(Handle);

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Entries().Select(entry => entry.Key);

    /// <inheritdoc/>
    public IEnumerable<YValue> Values => Entries().Select(entry => entry.Value);

    internal override int TypeRef => MapRef;

    /// <summary>The value of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such name.</exception>
    public YValue this[string key]
    {
        get => TryGetValue(key, out YValue value) ? value : throw new KeyNotFoundException("The map has no such name.");
        set => Set(key, value);
    }

    /// <summary>Sets the value of a name.</summary>
    /// <exception cref="ArgumentException">The value is a shared type that is in use already, or has one inside a plain value.</exception>
    public void Set(string key, YValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Doc is null)
        {
            _preliminary![key] = value;
            return;
        }

        ContentCheck.Value(Store, value);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.SetKey(transaction, Handle, key, value);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Deletes a name, if it is there.</summary>
    public void Delete(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Doc is null)
        {
            _preliminary!.Remove(key);
            return;
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.DeleteKey(transaction, Handle, key);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out YValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Doc is null ? _preliminary!.TryGetValue(key, out value) : Store.TryGetKey(Handle, key, out value);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, YValue>> GetEnumerator() => Entries().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override void CheckContent(ref ContentCheck check)
    {
        foreach (YValue value in _preliminary!.Values)
            check.Add(value);
    }

    internal override IEnumerator<int>? WriteContent(Transaction transaction)
    {
        if (_preliminary is not { } content)
            return null;
        _preliminary = null;
        return content.Count == 0 ? null : WriteContent(transaction, content);
    }

    private IEnumerator<int> WriteContent(Transaction transaction, OrderedDictionary<string, YValue> content)
    {
        foreach ((string key, YValue value) in content)
            yield return Store.NewKey(transaction, Handle, key, value);
    }

    private List<KeyValuePair<string, YValue>> Entries() =>
        Doc is null ? [.. _preliminary!] : Store.ReadKeys(Handle);
}
