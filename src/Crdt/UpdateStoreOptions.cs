namespace CoEdit.Crdt;

/// <summary>Limits of one <see cref="UpdateStore"/> for updates from peers.</summary>
/// <remarks>Immutable; one instance may serve every store of a process.</remarks>
public sealed class UpdateStoreOptions
{
    /// <summary>The limits used when a store is created without options.</summary>
    public static UpdateStoreOptions Default { get; } = new();

    /// <summary>Bytes of structs and delete ranges that one document may hold, parked ones included. Default 52,428,800.</summary>
    public long MaxStoredBytes { get; init; } = 52_428_800;

    /// <summary>Root types of one document. Default 10,000.</summary>
    public int MaxRoots { get; init; } = 10_000;

    /// <summary>UTF-8 bytes of a root type's name. Default 256.</summary>
    public int MaxNameBytes { get; init; } = 256;

    /// <summary>
    /// Clients (authors) of one document. Each costs some hundred bytes of memory for as little as eight bytes of an update, so it needs a
    /// limit of its own. Default 200,000.
    /// </summary>
    public int MaxClients { get; init; } = 200_000;

    /// <summary>
    /// Levels of arrays and objects inside one value that a peer may send. The store itself takes any nesting, but clients read values by
    /// recursion: one value nested 100,000 deep makes a document unreadable for every one of them. Default: unlimited.
    /// </summary>
    public int MaxValueNesting { get; init; } = int.MaxValue;

    /// <summary>Bytes of parked structs. Default 1 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 1 << 20;

    /// <summary>Number of parked structs. Default 10,000.</summary>
    public int MaxPendingStructs { get; init; } = 10_000;

    /// <summary>
    /// New units that the GC and Deleted structs of one update from a peer may claim together. Twelve bytes can claim 2^31 of them, and
    /// a client whose clock was moved that way can never write again. Default 52,428,800.
    /// </summary>
    public long MaxDeletedRun { get; init; } = 52_428_800;

    /// <summary>
    /// True to compare the known part of every peer's update with what is stored and to refuse a contradiction with
    /// <see cref="ForkedUpdateException"/>. Costs time for known parts only. Default false.
    /// </summary>
    public bool DetectForks { get; init; }
}
