namespace CoEdit.Persistence;

/// <summary>One document, in table <c>doc</c>. Only the writer changes rows; queries read them.</summary>
public sealed class DocumentRow
{
    /// <summary>Set in <see cref="Flags"/> while log rows or state chunks of the past remain to be removed.</summary>
    internal const int SurplusFlag = 1;

    /// <summary>Primary key.</summary>
    public long Id { get; set; }

    /// <summary>Unique, compared bytewise.</summary>
    public string Name { get; set; } = "";

    /// <summary>Sequence of the last log row; never goes back, also not by a deletion.</summary>
    public long Head { get; set; }

    /// <summary>The last log row that the folded state covers; rows up to it are surplus.</summary>
    public long SnapshotSequence { get; set; }

    /// <summary>Which generation of state chunks counts.</summary>
    public long SnapshotGeneration { get; set; }

    /// <summary>Bytes of the folded state over all its chunks; 0 if there is none.</summary>
    public long SnapshotBytes { get; set; }

    /// <summary>How many times the document was deleted.</summary>
    public long Epoch { get; set; }

    /// <summary>Bit 0: see <see cref="SurplusFlag"/>. Other bits are reserved.</summary>
    public int Flags { get; set; }

    /// <summary>Bytes that count: folded state plus log rows after it.</summary>
    public long Bytes { get; set; }

    /// <summary>Encoded state vector of the deleted past; null if the document was never deleted.</summary>
    public byte[]? Tombstone { get; set; }

    /// <summary>When the first update of this epoch was stored. Milliseconds since 1970 in the table.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>When the last update was stored. Milliseconds since 1970 in the table.</summary>
    public DateTimeOffset Updated { get; set; }

    /// <summary>When the document was deleted; null if it exists. Milliseconds since 1970 in the table.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
}
