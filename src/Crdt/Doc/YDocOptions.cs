using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>How a <see cref="YDoc"/> behaves.</summary>
public sealed record YDocOptions
{
    /// <summary>The author id of local changes, below 2^53. Null picks a random 32-bit number, which is right for everything but tests.</summary>
    public ulong? ClientId { get; init; }

    /// <summary>The document's identity, which a parent document stores. Null picks a random one.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "Yjs' word.")]
    public string? Guid { get; init; }

    /// <summary>A name for the collection the document belongs to; passed on to subdocuments that have none.</summary>
    public string? CollectionId { get; init; }

    /// <summary>Whether deleted content is dropped at the end of the transaction. Snapshots can only be restored without. Default true.</summary>
    public bool Gc { get; init; } = true;

    /// <summary>Decides per deleted item, by its first unit, whether its content may be dropped. Null allows all.</summary>
    public Predicate<Id>? GcFilter { get; init; }

    /// <summary>Anything the application wants to keep with a subdocument; stored in the parent document.</summary>
    public YValue Meta { get; init; } = YValue.Null;

    /// <summary>Whether a subdocument is to be loaded as soon as a peer knows of it. Default false.</summary>
    public bool AutoLoad { get; init; }

    /// <summary>Whether the document is to be loaded now. Default true.</summary>
    public bool ShouldLoad { get; init; } = true;

    /// <summary>
    /// How deep shared types may nest in what is read as a whole: JSON and XML of a deeper document throw <see cref="DepthLimitException"/>. It
    /// protects what happens with the result; the document itself takes any depth. Default 256.
    /// </summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>
    /// Whether redundant formatting marks are deleted after a remote change, as Yjs clients do. Default true; a server that only relays sets false,
    /// for its deletions would be extra traffic.
    /// </summary>
    public bool CleanupFormatting { get; init; } = true;

    /// <summary>
    /// Bytes of structs that may wait for others, as an update v1. An update that would leave more is refused with <see cref="UpdateLimitException"/>
    /// and the document stays as it was; so for the limits below. Default 52,428,800.
    /// </summary>
    public long MaxPendingBytes { get; init; } = 52_428_800;

    /// <summary>Structs that may wait for others, and deleted ranges that may wait for their units. Default 1,000,000.</summary>
    public int MaxPendingStructs { get; init; } = 1_000_000;

    /// <summary>Root types up to which updates may bring in new ones. Default 100,000.</summary>
    public int MaxRoots { get; init; } = 100_000;

    /// <summary>UTF-8 bytes of the name of a root type that an update brings in. Default 4,096.</summary>
    public int MaxNameBytes { get; init; } = 4_096;

    /// <summary>
    /// Clients (authors) up to which updates may bring in new ones. Each costs some hundred bytes of memory for as little as eight bytes of an update.
    /// Default 200,000.
    /// </summary>
    public int MaxClients { get; init; } = 200_000;

    /// <summary>
    /// How many structs an update v2 may hold beyond one for each of its bytes: a few bytes can stand for any number. More are refused with
    /// <see cref="MalformedUpdateException"/>. Default 1,000,000.
    /// </summary>
    public int MaxRepeatedStructs { get; init; } = 1_000_000;
}
