namespace CoEdit.Crdt;

/// <summary>Names of roots that updates bring in, against <see cref="YDocOptions.MaxRoots"/> and <see cref="YDocOptions.MaxNameBytes"/>.</summary>
internal sealed class NewRoots(YDocOptions options)
{
    // Roots of structs that wait are made when those are integrated, but they count from the beginning.
    private readonly HashSet<byte[]> _waiting = new(NameComparer.Instance);
    private readonly HashSet<byte[]> _new = new(NameComparer.Instance);

    /// <exception cref="UpdateLimitException">The name is too long or one too many.</exception>
    public void Admit(StructStore store, ReadOnlySpan<byte> name)
    {
        if (store.HasRoot(name))
            return;
        if (name.Length > options.MaxNameBytes)
            throw new UpdateLimitException(UpdateLimit.RootNameLength, "The name of a root type is too long.");
        if (_waiting.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name) || !_new.GetAlternateLookup<ReadOnlySpan<byte>>().Add(name))
            return;
        if (store.RootTypes.Count + _waiting.Count + _new.Count > options.MaxRoots)
            throw new UpdateLimitException(UpdateLimit.Roots, "The document would have too many root types.");
    }

    /// <summary>The update that named them was refused.</summary>
    public void Refuse() => _new.Clear();

    /// <summary>The update that named them was applied, as far as possible.</summary>
    public void Accept(StructStore store, bool isAnythingWaiting)
    {
        if (!isAnythingWaiting && _waiting.Count > 0)
            _waiting.Clear();
        if (_new.Count == 0)
            return;
        if (isAnythingWaiting)
        {
            _waiting.UnionWith(_new);
            _waiting.RemoveWhere(name => store.HasRoot(name));
        }

        _new.Clear();
    }
}
