namespace CoEdit.Crdt;

/// <summary>Where an update comes from, which decides the limits that hold for it.</summary>
public enum UpdateSource
{
    /// <summary>A peer: every limit of <see cref="UpdateStoreOptions"/> holds.</summary>
    Peer,

    /// <summary>
    /// The log, a snapshot or an import. It was admitted once already, or by somebody with the right to, so no limit is applied: a document
    /// has to stay loadable after a limit was lowered. The bytes are validated all the same. Whoever imports checks
    /// <see cref="UpdateStore.StoredBytes"/> afterwards.
    /// </summary>
    Trusted,
}
