namespace CoEdit.Crdt;

/// <summary>What an update could not integrate: for each client the tail of its section, and from which clocks other clients are missing.</summary>
internal sealed class RestStructs
{
    private readonly List<Tail> _tails = [];

    public Stack<StructStore.Waiting> Stack { get; } = new();

    /// <summary>Per client the lowest clock that something waits for. It may be -1 below a client's first unit.</summary>
    public Dictionary<ulong, long> Missing { get; } = new(ClientComparer.Instance);

    public bool IsEmpty => _tails.Count == 0;

    public int StructCount => _tails.Sum(tail => tail.End - tail.First);

    public void Clear()
    {
        _tails.Clear();
        Missing.Clear();
        Stack.Clear();
    }

    public void AddMissing(ulong client, long clock)
    {
        if (!Missing.TryGetValue(client, out long known) || clock < known)
            Missing[client] = clock;
    }

    /// <summary>Takes everything from the waiting structs on out of their sections.</summary>
    public void Park(Stack<StructStore.Waiting> stack, Span<DecodedUpdate.Section> sections)
    {
        while (stack.TryPop(out StructStore.Waiting waiting))
        {
            ref DecodedUpdate.Section section = ref sections[waiting.Section];
            if (section.Tail > 0)
            {
                Tail known = _tails[section.Tail - 1];
                _tails[section.Tail - 1] = known with { First = Math.Min(known.First, waiting.Struct) };
            }
            else
            {
                _tails.Add(new Tail(section.Client, waiting.Struct, section.End));
                section.Tail = _tails.Count;
            }

            section.Next = section.End;
        }
    }

    /// <summary>The rest as an update of the same format without deletions.</summary>
    public byte[] Encode(StructStore store, DecodedUpdate update, ReadOnlySpan<byte> bytes)
    {
        if (update.Format == UpdateFormat.V2)
        {
            Dictionary<ulong, uint> tails = new(ClientComparer.Instance);
            foreach (Tail tail in _tails)
                tails.Add(store.Client(tail.Client).Id, (uint)update.Structs[tail.First].Clock);
            return YUpdate.TakeTails(bytes, tails);
        }

        _tails.Sort((a, b) => store.Client(b.Client).Id.CompareTo(store.Client(a.Client).Id));
        ByteBuffer buffer = new();
        WireWriter writer = new(buffer);
        writer.PutVarUInt((ulong)_tails.Count);
        foreach (Tail tail in _tails)
        {
            writer.PutVarUInt((ulong)(tail.End - tail.First));
            writer.PutVarUInt(store.Client(tail.Client).Id);
            writer.PutVarUInt((ulong)update.Structs[tail.First].Clock);
            for (int i = tail.First; i < tail.End; i++)
            {
                ref DecodedUpdate.Struct next = ref update.Structs[i];
                // Yjs knows the key only where it stands, so the bit is lost together with the reference to the parent.
                writer.PutByte(next.HasOrigins ? (byte)(next.Info & ~StructInfo.HasParentSub) : next.Info);
                writer.PutBytes(bytes[(next.Start + 1)..next.End]);
            }
        }

        writer.PutVarUInt(0);
        writer.Flush();
        return buffer.Written.ToArray();
    }

    private record struct Tail(int Client, int First, int End);
}
