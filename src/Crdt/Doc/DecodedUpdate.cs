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

    private long _number;

    public ScratchList<Struct> Structs;
    public ScratchList<Section> Sections;
    public ScratchList<ClockRun> Deletes;

    /// <summary>The section of a client, or -1.</summary>
    public int SectionOf(ClientStructs structs) => structs.SectionIn == _number ? structs.Section : -1;

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
        s_cached = update;
    }

    /// <summary>Reads and validates an update v1. On an exception the store's clients have to be truncated.</summary>
    public void Read(ReadOnlySpan<byte> update, StructStore store)
    {
        _number = Interlocked.Increment(ref s_numbers);
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
            ReadSection(ref reader, store, (int)count, store.InternClient(client), clock);
        }

        ReadDeleteSet(ref reader, store);
    }

    private void ReadSection(ref Lib0Reader reader, StructStore store, int count, int client, uint clock)
    {
        OpenSection(store.Client(client), count);
        Structs.Reserve(count);
        StructView view = default;
        for (int i = 0; i < count; i++)
        {
            StructReader.Read(ref reader, ref view);
            if (clock + view.Length > int.MaxValue)
                throw new MalformedUpdateException("A struct ends above the largest clock.");
            Struct next = new()
            {
                Info = view.Info,
                Start = view.Start,
                Content = view.Content,
                End = view.End,
                Clock = (int)clock,
                Length = (int)view.Length,
                A = -1,
                C = -1,
            };
            if (view.IsItem)
            {
                if (view.HasOrigin)
                    (next.A, next.B) = Reference(store, client, clock, view.OriginClient, view.OriginClock);
                if (view.HasRightOrigin)
                    (next.C, next.D) = Reference(store, client, clock, view.RightClient, view.RightClock);
                if (view.HasParent)
                {
                    if (view.ParentIsRoot)
                        (next.IsRootChild, next.A, next.B) = (true, view.RootName, view.RootNameLength);
                    else
                        (next.A, next.B) = Reference(store, client, clock, view.ParentClient, view.ParentClock);
                    next.C = view.Key;
                    next.D = view.KeyLength;
                }
            }

            Structs.Add(next);
            clock += view.Length;
        }
    }

    private void OpenSection(ClientStructs structs, int count)
    {
        if (structs.SectionIn == _number)
            throw new MalformedUpdateException("An update has two sections of one client.");
        structs.SectionIn = _number;
        structs.Section = Sections.Count;
        Sections.Add(new Section { Client = structs.Index, Next = Structs.Count, End = Structs.Count + count });
    }

    private static (int Client, int Clock) Reference(StructStore store, int client, uint clock, ulong toClient, uint toClock)
    {
        int to = store.InternClient(toClient);
        if (to == client && toClock >= clock)
            throw new MalformedUpdateException("A struct refers to itself or to a later struct of its own client.");
        return (to, (int)toClock);
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

        /// <summary>One above its number among the parked tails; 0 while it is not parked.</summary>
        public int Tail;
    }
}
