namespace CoEdit.Crdt;

/// <summary>How much of an update the store did not know before.</summary>
public enum ApplyOutcome
{
    /// <summary>No new struct, no new delete range, nothing newly parked: neither log nor relay it.</summary>
    Nothing,

    /// <summary>A part was known. <see cref="UpdateStore.EncodeNovelPart"/> gives the rest.</summary>
    Partial,

    /// <summary>Nothing of it was known.</summary>
    Whole,
}
