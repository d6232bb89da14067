using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>Validates a whole update v1 and records in an <see cref="UpdateScan"/> what applying it needs to know.</summary>
/// <remarks>
/// <code>
/// update    := structs deleteSet
/// structs   := u(numClients) { u(numStructs) u(client) u(startClock) struct* }
/// deleteSet := u(numClients) { u(client) u(numRanges) { u(clock) u(len) } }
/// </code>
/// Bytes behind the delete set are ignored, as Yjs does. The loops of a load are compiled optimised at once: a server loads each document
/// once, and waiting for the runtime to find out that they are hot made the first hundred loads of a process two to three times slower.
/// </remarks>
internal ref struct UpdateScanner
{
    private const int SmallestSection = 3;
    private const int SmallestStruct = 2;
    private const int KnownSlots = 8;

    private readonly ReadOnlySpan<byte> _update;
    private readonly UpdateStore? _store;
    private readonly UpdateScan _scan;
    private readonly UpdateSource _source;
    private Lib0Reader _reader;
    private StructView _view;

    // Counted while reading, so that a hostile update is refused before its description has grown large.
    private readonly UpdateStore? _limits;
    private int _newClients;
    private ulong _lastNewClient;
    private int _runsAhead;

    // The last root name seen: a map with ten thousand keys names its root ten thousand times.
    private ReadOnlySpan<byte> _lastRoot;

    // What the structs read so far in this run know of other clients: a struct further right needs nothing that is covered already.
    // That only holds when runs of one client do not overlap; an exact scan lists every need.
    private readonly bool _exact;
    private KnownClients _known;
    private int _runNumber;

    private UpdateScanner(ReadOnlySpan<byte> update, UpdateStore? store, UpdateScan scan, UpdateSource source, bool exact)
    {
        _update = update;
        _store = store;
        _scan = scan;
        _source = source;
        _limits = source == UpdateSource.Peer ? store : null;
        _exact = exact;
        _reader = new Lib0Reader(update);
    }

    /// <summary>Fills <paramref name="scan"/>. Without a store everything counts as unknown.</summary>
    /// <exception cref="MalformedUpdateException">The bytes break the format.</exception>
    /// <exception cref="UpdateLimitException">The update has too many root types for the store, or one with too long a name.</exception>
    public static void Scan(
        ReadOnlySpan<byte> update, UpdateStore? store, UpdateScan scan, UpdateSource source = UpdateSource.Trusted, bool exact = false)
    {
        UpdateScanner scanner = new(update, store, scan, source, exact);
        scanner.ReadStructs();
        scanner.ReadDeleteSet();
    }

    private void ReadStructs()
    {
        ulong sections = _reader.ReadVarUInt();
        if (sections > (ulong)(_reader.Remaining / SmallestSection))
            Throw("An update announces more clients than its bytes can hold.");
        for (ulong i = 0; i < sections; i++)
        {
            ulong count = _reader.ReadVarUInt();
            ulong client = _reader.ReadVarUInt();
            uint clock = _reader.ReadVarUInt31();
            if (count > (ulong)(_reader.Remaining / SmallestStruct))
                Throw("An update announces more structs than its bytes can hold.");
            ReadSection((int)count, client, clock);
        }
    }

    private void ReadSection(int count, ulong client, uint clock)
    {
        ClientLog? log = _store?.Find(client);
        uint known = log?.State ?? 0;
        if (log is null && (_newClients == 0 || client != _lastNewClient))
        {
            _lastNewClient = client;
            _limits?.AdmitClients(++_newClients);
        }

        int lastOffset = 0;
        UpdateScan.Run run = default;
        OpenRun(ref run, client, clock);
        int marked = run.Offset;
        for (int i = 0; i < count; i++)
        {
            StructReader.Read(ref _reader, ref _view);
            uint end = clock + _view.Length;
            if (end > int.MaxValue)
                Throw("A struct ends above the largest clock.");
            if (_view.Kind == StructKind.Skip)
            {
                CloseRun(ref run, clock, _view.Start, lastOffset);
                OpenRun(ref run, client, end);
                marked = run.Offset;
                clock = end;
                if (clock > known)
                    _limits?.AdmitPending(++_runsAhead, 0);
                continue;
            }

            if (_view.Start - marked >= UpdateScan.MarkDistance)
            {
                marked = _view.Start;
                _scan.Marks.Add(new UpdateScan.Mark(marked, clock, run.Count));
            }

            CheckReferences(client, clock, end, known, run.Count);
            if (_view.HasValues && end > known)
                _limits?.AdmitNesting(_view.Nesting);
            if (end > known && _store is not null && (_view.Kind <= StructKind.Deleted || _view.HasParent))
                NoteNew(client, Math.Max(clock, known), end);
            lastOffset = _view.Start;
            run.Count++;
            clock = end;
        }

        CloseRun(ref run, clock, _reader.Position, lastOffset);
    }

    private void OpenRun(ref UpdateScan.Run run, ulong client, uint clock)
    {
        _runNumber++;
        run.Client = client;
        run.Start = clock;
        run.Count = 0;
        run.Offset = _reader.Position;
        run.FirstNeed = _scan.Needs.Count;
        run.FirstMark = _scan.Marks.Count;
    }

    private readonly void CloseRun(ref UpdateScan.Run run, uint end, int endOffset, int lastOffset)
    {
        if (run.Count == 0)
            return;
        run.End = end;
        run.EndOffset = endOffset;
        run.LastOffset = lastOffset;
        run.EndNeed = _scan.Needs.Count;
        run.EndMark = _scan.Marks.Count;
        _scan.Runs.Add(run);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckReferences(ulong client, uint clock, uint end, uint known, int ordinal)
    {
        if (!_view.IsItem)
            return;

        // When its first units are known, the rest has the unit in front of it as origin and takes the parent from there.
        bool whole = clock >= known;
        if (_view.HasOrigin)
            CheckReference(_view.OriginClient, _view.OriginClock, client, clock, end, whole, ordinal);
        if (_view.HasRightOrigin)
            CheckReference(_view.RightClient, _view.RightClock, client, clock, end, end > known, ordinal);
        if (_view.HasParent && !_view.ParentIsRoot)
            CheckReference(_view.ParentClient, _view.ParentClock, client, clock, end, whole, ordinal);
    }

    private void CheckReference(ulong toClient, uint toClock, ulong client, uint clock, uint end, bool needed, int ordinal)
    {
        if (toClient == client)
        {
            if (toClock >= clock)
                Throw("A struct refers to itself or to a later struct of its own client.");
            return;
        }

        if (_store is null || !needed)
            return;
        ref KnownClient entry = ref _known[(int)(toClient % KnownSlots)];
        if (entry.Run != _runNumber || entry.Client != toClient)
        {
            entry.Clock = _store.StateOf(toClient);
            entry.Client = toClient;
            entry.Run = _runNumber;
        }

        if (toClock < entry.Clock)
            return;
        if (!_exact)
            entry.Clock = toClock + 1;
        _scan.Needs.Add(new UpdateScan.Need
        {
            Client = toClient,
            Clock = toClock,
            Start = clock,
            End = end,
            Offset = _view.Start,
            Ordinal = ordinal,
        });
    }

    private void NoteNew(ulong client, uint start, uint end)
    {
        if (_view.Kind <= StructKind.Deleted)
        {
            _scan.DeadUnits += end - start;
            if (_scan.Dead.Count > 0 && _scan.Dead.Last.End == start && _scan.Dead.Last.Client == client)
                _scan.Dead.Last = _scan.Dead.Last with { End = end };
            else
                _scan.Dead.Add(new ClockRange(client, start, end));
        }

        if (_view.HasParent && _view.ParentIsRoot)
        {
            ReadOnlySpan<byte> name = _update.Slice(_view.RootName, _view.RootNameLength);
            if (!name.SequenceEqual(_lastRoot) || _lastRoot.IsEmpty)
            {
                _lastRoot = name;
                _store!.AdmitRoot(name, _scan.NewRoots, _source);
            }
        }
    }

    private void ReadDeleteSet()
    {
        _newClients = 0;
        ulong clients = _reader.ReadVarUInt();
        if (clients > (ulong)(_reader.Remaining / 2))
            Throw("A delete set announces more clients than its bytes can hold.");
        for (ulong i = 0; i < clients; i++)
        {
            ulong client = _reader.ReadVarUInt();
            ulong ranges = _reader.ReadVarUInt();
            if (_limits is not null && _limits.Find(client) is null)
                _limits.AdmitClients(++_newClients);
            if (ranges > (ulong)(_reader.Remaining / 2))
                Throw("A delete set announces more ranges than its bytes can hold.");
            _limits?.AdmitRanges(_scan.Deletes.Count + (long)ranges);
            _scan.Deletes.Reserve((int)ranges);
            for (ulong k = 0; k < ranges; k++)
            {
                uint start = _reader.ReadVarUInt31();
                uint length = _reader.ReadVarUInt31();
                uint end = start + length;
                if (end > int.MaxValue)
                    Throw("A delete range ends above the largest clock.");
                if (length > 0)
                    _scan.Deletes.Add(new ClockRange(client, start, end));
            }
        }
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new MalformedUpdateException(message);

    private struct KnownClient
    {
        public ulong Client;
        public uint Clock;
        public int Run;
    }

    [InlineArray(KnownSlots)]
    private struct KnownClients
    {
        private KnownClient _first;
    }
}
