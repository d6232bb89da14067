namespace CoEdit.Crdt;

/// <summary>What a shared type is inside the store: list, map, owner. Named by a handle; 0 is "none".</summary>
internal struct TypeNode
{
    /// <summary>A root that no one has asked for with a kind yet.</summary>
    public const int Untyped = -1;

    /// <summary>The type reference of the wire (0 array … 6 XML text), or <see cref="Untyped"/>.</summary>
    public int Ref;

    /// <summary>Key id of a root's name or of the node name; -1 without one.</summary>
    public int Name;

    /// <summary>First item of the list.</summary>
    public int Start;

    /// <summary>Units of visible content in the list.</summary>
    public int Length;

    /// <summary>The item that holds this type; 0 for roots.</summary>
    public int Owner;

    /// <summary>Number of the transaction that last changed it, so that it is listed once.</summary>
    public int ChangedIn;

    public bool HasFormatting;

    public MapEntries? Map;

    public ListIndex? Index;

    /// <summary>The object that applications hold, if one does.</summary>
    public YType? Face;
}
