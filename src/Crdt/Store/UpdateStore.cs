using System.Buffers;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>
/// The content of one document as the bytes that came over the wire: for each client its structs in clock order, and the ranges of deleted
/// clocks. It knows what it has and what a peer lacks, and never integrates anything.
/// </summary>
/// <remarks>
/// Not thread-safe: one owner (a room's loop) calls everything. <see cref="Apply"/> costs tens of nanoseconds for a keystroke and allocates
/// nothing but the growth of the buffers; <see cref="EncodeState()"/> is a copy. A struct whose cause has not arrived is parked: it is
/// part of <see cref="EncodeState()"/> and <see cref="EncodeDiff(StateVector, IBufferWriter{byte})"/>, but not of the state vector.
/// Because the stored bytes never pass through a merge algorithm, a bug in one cannot damage them.
/// </remarks>
public sealed partial class UpdateStore
{
    // What a delete range counts for in StoredBytes: its size in memory.
    internal const int BytesPerRange = 2 * sizeof(uint);
    private const int KeepNovelRanges = 64;

    private readonly UpdateStoreOptions _options;
    private readonly ChunkSizes _sizes;

    // Every client that has structs, deleted clocks, parked structs, or somebody waiting for it.
    private readonly Dictionary<ulong, ClientLog> _clients = new(ClientComparer.Instance);
    private readonly HashSet<byte[]> _roots = new(NameComparer.Instance);
    private ClientLog? _lastFound;
    private ClientLog[]? _descending;

    private int _clientCount;
    private int _structCount;
    private long _structBytes;
    private int _rangeCount;
    private int _clientsDeletedAhead;
    private long _deleteChanges;

    // What the last Apply brought, for EncodeNovelPart.
    private bool _hasNovelPart;
    private bool _novelIsEverything;
    private ScratchList<NovelRange> _novelStructs;
    private ScratchList<NovelRange> _novelDeletes;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Limits; <see cref="UpdateStoreOptions.Default"/> when absent.</param>
    public UpdateStore(UpdateStoreOptions? options = null)
        : this(options, ChunkSizes.Default)
    {
    }

    internal UpdateStore(UpdateStoreOptions? options, ChunkSizes sizes)
    {
        _options = options ?? UpdateStoreOptions.Default;
        _sizes = sizes;
    }

    private readonly record struct NovelRange(ClientLog Log, uint Start, uint End);

    /// <summary>Clients with at least one struct that is not parked.</summary>
    public int ClientCount => _clientCount;

    /// <summary>Structs that are not parked.</summary>
    public int StructCount => _structCount;

    /// <summary>True when there is neither a struct nor a delete range.</summary>
    public bool IsEmpty => _structCount == 0 && _rangeCount == 0 && PendingStructs == 0;

    /// <summary>Bytes of structs and delete ranges, parked ones included.</summary>
    /// <remarks>What <see cref="UpdateStoreOptions.MaxStoredBytes"/> limits. A delete range counts for eight bytes.</remarks>
    public long StoredBytes => _structBytes + PendingBytes + ((long)_rangeCount * BytesPerRange);

    /// <summary>True while structs are parked or clocks are deleted whose structs have not arrived.</summary>
    public bool HasPending => PendingStructs > 0 || _clientsDeletedAhead > 0;

    /// <summary>Parked structs.</summary>
    public int PendingStructs { get; private set; }

    /// <summary>Bytes of parked structs.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>The next expected clock of a client, 0 when it is unknown.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint StateOf(ulong client) => Find(client)?.State ?? 0;

    /// <summary>Takes in an update v1.</summary>
    /// <param name="update">The bytes. They are copied where needed; bytes behind the delete set are ignored.</param>
    /// <param name="source">Where they come from, which decides the limits.</param>
    /// <returns>How much of it was new. Re-delivery, any order and overlap are normal and harmless.</returns>
    /// <exception cref="MalformedUpdateException">The bytes are not a legal update. Nothing has changed.</exception>
    /// <exception cref="UpdateLimitException">A limit would be broken. Nothing has changed.</exception>
    /// <exception cref="ForkedUpdateException">
    /// Forks are detected (<see cref="UpdateStoreOptions.DetectForks"/>) and a peer's update contradicts what is known. Nothing has changed.
    /// </exception>
    /// <remarks>
    /// Takes time in proportion to the update's length (sorting included, if its sections are out of order), not to the document's. There are
    /// two exceptions: moving the delete ranges of a client when one is inserted between them, eight bytes per range; and comparing what is
    /// known already, which steps over the stored chunks and structs that the known part lies in, each once.
    /// </remarks>
    public ApplyResult Apply(ReadOnlySpan<byte> update, UpdateSource source = UpdateSource.Peer)
    {
        // Nearly every update of a session is one of these two: a letter typed, a range deleted.
        if (TryApplyText(update, source, out ApplyResult result) || TryApplyDelete(update, source, out result))
            return result;
        return ApplyPlanned(update, source);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ClientLog? Find(ulong client)
    {
        ClientLog? last = _lastFound;
        return last is not null && last.Client == client ? last : FindSlow(client);
    }

    /// <summary>Counts a root type's name against the limits; the name becomes known when the update is applied.</summary>
    internal void AdmitRoot(ReadOnlySpan<byte> name, HashSet<byte[]> added, UpdateSource source)
    {
        if (_roots.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name))
            return;
        if (source == UpdateSource.Peer && name.Length > _options.MaxNameBytes)
            throw new UpdateLimitException(UpdateLimit.RootNameLength, "The name of a root type is too long.");
        if (!added.GetAlternateLookup<ReadOnlySpan<byte>>().Add(name))
            return;
        if (source == UpdateSource.Peer && _roots.Count + added.Count > _options.MaxRoots)
            throw new UpdateLimitException(UpdateLimit.Roots, "The document would have too many root types.");
    }

    /// <summary>Refuses an update that would add too many clients.</summary>
    internal void AdmitClients(int added)
    {
        if (_clients.Count + added > _options.MaxClients)
            throw new UpdateLimitException(UpdateLimit.Clients, "The document would have too many clients.");
    }

    /// <summary>Refuses a value that is nested too deep.</summary>
    internal void AdmitNesting(int levels)
    {
        if (levels > _options.MaxValueNesting)
            throw new UpdateLimitException(UpdateLimit.ValueNesting, "A value is nested too deep.");
    }

    /// <summary>Refuses an update that would park too much.</summary>
    internal void AdmitPending(int structs, long bytes)
    {
        if (PendingStructs + structs > _options.MaxPendingStructs || PendingBytes + bytes > _options.MaxPendingBytes)
            throw new UpdateLimitException(UpdateLimit.Pending, "Too many structs wait for others that have not arrived.");
    }

    /// <summary>Refuses an update with more delete ranges than any document may hold, known ones included.</summary>
    internal void AdmitRanges(long ranges)
    {
        if (ranges * BytesPerRange > _options.MaxStoredBytes)
            throw new UpdateLimitException(UpdateLimit.DocumentBytes, "The document would be larger than allowed.");
    }

    /// <summary>Adds to <paramref name="missing"/> what of the ranges (clients descending, clocks ascending) is not deleted yet.</summary>
    internal void CollectMissing(ReadOnlySpan<ClockRange> ranges, ref ScratchList<ClockRange> missing, out bool someKnown)
    {
        someKnown = false;
        ulong client = 0;
        uint covered = 0;
        int cursor = -1;
        DeleteRanges? known = null;
        for (int i = 0; i < ranges.Length; i++)
        {
            ClockRange range = ranges[i];
            if (i == 0 || range.Client != client)
            {
                client = range.Client;
                known = Find(client)?.Deletes;
                cursor = -1;
                covered = 0;
            }

            uint start = Math.Max(range.Start, covered);
            if (start >= range.End)
                continue;
            covered = range.End;
            int before = missing.Count;
            if (known is null)
                missing.Add(new ClockRange(client, start, range.End));
            else
                known.CollectMissing(client, start, range.End, ref cursor, ref missing);
            someKnown |= missing.Count == before || missing.Last.Start != start || missing.Last.End != range.End;
        }
    }

    private ClientLog? FindSlow(ulong client)
    {
        if (!_clients.TryGetValue(client, out ClientLog? log))
            return null;
        _lastFound = log;
        return log;
    }

    private ClientLog FindOrAdd(ulong client)
    {
        if (Find(client) is { } log)
            return log;
        log = new ClientLog(client);
        _clients.Add(client, log);
        _descending = null;
        return log;
    }

    private ClientLog[] ClientsDescending()
    {
        if (_descending is null)
        {
            _descending = [.. _clients.Values];
            Array.Sort(_descending, static (a, b) => b.Client.CompareTo(a.Client));
        }

        return _descending;
    }

    // Called after a client's state or deletes have changed.
    private void NoteDeletesAhead(ClientLog log)
    {
        bool ahead = log.Deletes is { } deletes && deletes.End > log.State;
        if (ahead == log.DeletesAhead)
            return;
        log.DeletesAhead = ahead;
        _clientsDeletedAhead += ahead ? 1 : -1;
    }
}
