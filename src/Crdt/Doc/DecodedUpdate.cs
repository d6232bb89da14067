using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>A validated update whose structs wait to be integrated: positions in its bytes, clients as indices of the store.</summary>
/// <remarks>One per thread and reused. The client of each section and reference is interned in the store before anything is changed.</remarks>
internal sealed partial class DecodedUpdate
{
    private const int KeepEntries = 4096;
    private const int SmallestSection = 3;
    private const int SmallestStruct = 2;

    [ThreadStatic]
    private static DecodedUpdate? s_cached;

    // Of the process, not of a thread: a document that changes threads compares its own notes with it.
    private static long s_numbers;

    private readonly ClientWords _clients = new();
    private long _number;
    private uint _units;

    public ScratchList<Struct> Structs;
    public ScratchList<Section> Sections;
    public ScratchList<ClockRun> Deletes;

    /// <summary>The section of a client, or -1.</summary>
    public int SectionOf(ClientStructs structs) => structs.SectionIn == _number ? structs.Section : -1;

    /// <summary>True for one of many parts that go on together: joining each at once with what stands before it would be in vain.</summary>
    public bool IsParked { get; private set; }

    /// <summary>Bytes of some structs of one section. In v2 they share columns; what is told is their contents and a byte for each.</summary>
    public long BytesOf(int first, int end)
    {
        if (Format == UpdateFormat.V1)
            return Structs[end - 1].End - Structs[first].Start;
        long bytes = end - first;
        foreach (ref readonly Struct next in Structs.Items[first..end])
            bytes += next.Kind == StructKind.Type ? 0 : next.End - next.Content;
        return bytes;
    }

    public static DecodedUpdate Rent()
    {
        DecodedUpdate update = s_cached ?? new DecodedUpdate();
        s_cached = null;
        return update;
    }

    public static void Return(DecodedUpdate update)
    {
        update.Structs.Clear(KeepEntries);
        update.Sections.Clear(KeepEntries);
        update.Deletes.Clear(KeepEntries);
        update.ClearV2();
        update.IsParked = false;
        s_cached = update;
    }

    /// <summary>Reads and validates an update v1. On an exception the store's clients have to be truncated.</summary>
    /// <param name="update">The update.</param>
    /// <param name="store">Where it is to be applied.</param>
    /// <param name="roots">Admits names of roots; null for what was admitted before.</param>
    public void Read(ReadOnlySpan<byte> update, StructStore store, NewRoots? roots)
    {
        _number = Interlocked.Increment(ref s_numbers);
        _clients.Begin(_number);
        Lib0Reader reader = new(update);
        ulong sections = reader.ReadVarUInt();
        if (sections > (ulong)(reader.Remaining / SmallestSection))
            throw new MalformedUpdateException("An update announces more clients than its bytes can hold.");
        for (ulong i = 0; i < sections; i++)
        {
            ulong count = reader.ReadVarUInt();
            ulong client = reader.ReadVarUInt();
            uint clock = reader.ReadVarUInt31();
            if (count > (ulong)(reader.Remaining / SmallestStruct))
                throw new MalformedUpdateException("An update announces more structs than its bytes can hold.");
            ReadSection(ref reader, store, (int)count, store.InternClient(client), clock, update, roots);
        }

        ReadDeleteSet(ref reader, store);
    }

    /// <summary>Reads again what waited.</summary>
    public void ReadParked(ParkedPart part, StructStore store, int client)
    {
        IsParked = true;
        if (part.Format == UpdateFormat.V2)
        {
            ReadV2(part.Bytes, store, PendingStructs.ReadOptions, null);
            return;
        }

        _number = Interlocked.Increment(ref s_numbers);
        _clients.Begin(_number);
        Lib0Reader reader = new(part.Bytes);
        ReadSection(ref reader, store, part.Structs, client, (uint)part.Clock, part.Bytes, null);
    }

    private void ReadSection(
        ref Lib0Reader reader, StructStore store, int count, int client, uint clock, ReadOnlySpan<byte> update, NewRoots? roots)
    {
        OpenSection(store.Client(client), count);
        _units = 0;
        Span<Struct> added = Structs.AddUnset(count);
        StructView view = default;
        ReadOnlySpan<byte> lastRoot = default;
        for (int i = 0; i < added.Length; i++)
        {
            ref Struct next = ref added[i];
            next.Info = reader.PeekByte();
            next.Start = reader.Position;
            next.Clock = (int)clock;
            (next.A, next.B) = (Item.NoClient, 0);
            (next.C, next.D) = (Item.NoClient, 0);
            next.IsRootChild = false;
            next.IsAscii = false;
            uint length = next.HasOrigins && next.Kind is not (StructKind.Gc or StructKind.Skip)
                ? ReadWithOrigins(ref reader, store, client, ref next, ref view)
                : ReadWithoutOrigins(ref reader, store, client, ref next, ref view);
            if (roots is not null && next.IsRootChild)
            {
                ReadOnlySpan<byte> root = update.Slice(next.A, next.B);
                if (lastRoot.IsEmpty || !root.SequenceEqual(lastRoot))
                    roots.Admit(store, lastRoot = root);
            }

            if (clock + length > int.MaxValue)
                throw new MalformedUpdateException("A struct ends above the largest clock.");
            next.Length = (int)length;
            next.End = reader.Position;
            clock += length;
        }

        Sections.Last.TextUnits = (int)Math.Min(_units, int.MaxValue);
    }

    private void OpenSection(ClientStructs structs, int count)
    {
        if (structs.SectionIn == _number)
            throw new MalformedUpdateException("An update has two sections of one client.");
        structs.SectionIn = _number;
        structs.Section = Sections.Count;
        Sections.Add(new Section { Client = structs.Index, Next = Structs.Count, End = Structs.Count + count });
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint ReadWithOrigins(ref Lib0Reader reader, StructStore store, int client, ref Struct next, ref StructView view)
    {
        reader.Skip(1);
        if ((next.Info & StructInfo.HasOrigin) != 0)
            (next.A, next.B) = ReadReference(ref reader, store, client, next.Clock);
        if ((next.Info & StructInfo.HasRightOrigin) != 0)
            (next.C, next.D) = ReadReference(ref reader, store, client, next.Clock);
        next.Content = reader.Position;
        uint length;
        if (next.Kind == StructKind.String)
        {
            ReadOnlySpan<byte> text = reader.ReadVarBytes();
            length = (uint)StructReader.ReadTextLength(text);
            next.IsAscii = length == (uint)text.Length;
            _units += length;
        }
        else
        {
            StructReader.ReadContent(ref reader, ref view, (int)next.Kind);
            length = view.Length;
        }

        if (length == 0)
            throw new MalformedUpdateException("A struct has no length.");
        return length;
    }

    private static uint ReadWithoutOrigins(ref Lib0Reader reader, StructStore store, int client, ref Struct next, ref StructView view)
    {
        StructReader.Read(ref reader, ref view);
        next.Content = view.Content;
        if (!view.HasParent)
            return view.Length;
        if (view.ParentIsRoot)
        {
            (next.IsRootChild, next.A, next.B) = (true, view.RootName, view.RootNameLength);
        }
        else
        {
            (next.A, next.B) = (store.InternClient(view.ParentClient), (int)view.ParentClock);
            CheckReference(client, next.Clock, next.A, next.B);
        }

        next.C = view.Key;
        next.D = view.KeyLength;
        return view.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (int Client, int Clock) ReadReference(ref Lib0Reader reader, StructStore store, int client, int clock)
    {
        int to = _clients.Read(ref reader, store);
        int toClock = (int)reader.ReadVarUInt31();
        CheckReference(client, clock, to, toClock);
        return (to, toClock);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckReference(int client, int clock, int to, int toClock)
    {
        if (to == client && toClock >= clock)
            throw new MalformedUpdateException("A struct refers to itself or to a later struct of its own client.");
    }

    private void ReadDeleteSet(ref Lib0Reader reader, StructStore store)
    {
        ulong clients = reader.ReadVarUInt();
        if (clients > (ulong)(reader.Remaining / 2))
            throw new MalformedUpdateException("A delete set announces more clients than its bytes can hold.");
        for (ulong i = 0; i < clients; i++)
        {
            ulong client = reader.ReadVarUInt();
            ulong ranges = reader.ReadVarUInt();
            if (ranges > (ulong)(reader.Remaining / 2))
                throw new MalformedUpdateException("A delete set announces more ranges than its bytes can hold.");
            int index = ranges > 0 ? store.InternClient(client) : -1;
            for (ulong k = 0; k < ranges; k++)
            {
                uint start = reader.ReadVarUInt31();
                uint length = reader.ReadVarUInt31();
                if (start + length > int.MaxValue)
                    throw new MalformedUpdateException("A delete range ends above the largest clock.");
                if (length > 0)
                    Deletes.Add(new ClockRun(index, (int)start, (int)length));
            }
        }
    }

    /// <summary>One struct. What is said of v1 here is said of v2 where that is read.</summary>
    public struct Struct
    {
        public byte Info;
        public bool IsRootChild;

        /// <summary>Text whose bytes are its units, with origins: the last <see cref="Length"/> bytes.</summary>
        public bool IsAscii;
        public int Start;
        public int Content;
        public int End;
        public int Clock;
        public int Length;

        // With origins: A, B = origin and C, D = right origin (client -1 = none).
        // Without: A, B = name of the root (offset, length) or id of the parent item; C, D = key (offset or -1, length).
        public int A;
        public int B;
        public int C;
        public int D;

        public readonly StructKind Kind => (StructKind)(Info & StructInfo.KindMask);

        public readonly bool HasOrigins => (Info & StructInfo.HasAnyOrigin) != 0;
    }

    public struct Section
    {
        public int Client;

        /// <summary>The next struct to be tried.</summary>
        public int Next;
        public int End;

        /// <summary>Units of text with origins in it.</summary>
        public int TextUnits;

        /// <summary>One above its number among the parked tails; 0 while it is not parked.</summary>
        public int Tail;
    }
}
