namespace CoEdit.Crdt;

/// <summary>How a piece of text differs between two snapshots.</summary>
public enum YChangeKind
{
    /// <summary>It is not in the earlier one.</summary>
    Added,

    /// <summary>It is not in the later one.</summary>
    Removed,
}
