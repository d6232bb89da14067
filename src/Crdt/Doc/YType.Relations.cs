namespace CoEdit.Crdt;

/// <summary>Where a type stands, and copies of it.</summary>
public abstract partial class YType
{
    /// <summary>The name of a root type; null for all others.</summary>
    public string? RootName => Doc is not null && Handle != StructStore.None && Store.Type(Handle).Owner == StructStore.None
        ? Store.Keys.Text(Store.Type(Handle).Name)
        : null;

    /// <summary>True when another type lies somewhere inside this one.</summary>
    public bool IsAncestorOf(YType other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Doc is null || other.Doc != Doc || Handle == StructStore.None || other.Handle == StructStore.None)
            return false;
        int type = other.Handle;
        do
            type = Store.HolderOf(type);
        while (type != StructStore.None && type != Handle);
        return type != StructStore.None;
    }

    /// <summary>A preliminary copy with everything in it, to be put somewhere else in this or another document.</summary>
    /// <remarks>
    /// Shared types inside are copied too; a subdocument becomes another instance with the same guid. As in Yjs a text's own attributes (which
    /// are not its formatting) stay behind.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The type is preliminary itself, or has been deleted.</exception>
    public virtual YType Clone() => TypeCloner.Clone(this);

    // The live type next to this one among the children of its parent.
    private protected YType? Sibling(bool next)
    {
        if (Doc is null || Handle == StructStore.None || Store.Type(Handle).Owner is var handle && handle == StructStore.None)
            return null;
        if (Store.Items[handle].IsKeyed)
            return null;
        do
        {
            ref Item item = ref Store.Items[handle];
            handle = next ? item.Right : item.Left;
        }
        while (handle != StructStore.None && Store.Items[handle].IsDeleted);
        return handle != StructStore.None && Store.Items[handle].Kind == StructKind.Type ? Store.Face(Store.Items[handle].Content) : null;
    }
}
