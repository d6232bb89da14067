namespace CoEdit.Crdt;

/// <summary>What an update could not integrate: for each client the tail of its section, and from which clocks other clients are missing.</summary>
internal sealed class RestStructs
{
    private readonly List<Tail> _tails = [];

    public Stack<StructStore.Waiting> Stack { get; } = new();

    /// <summary>What made structs wait: clients and the clocks behind which they must come.</summary>
    public List<(int Client, int Clock)> Missing { get; } = [];

    public bool IsEmpty => _tails.Count == 0;

    public void Clear()
    {
        _tails.Clear();
        Missing.Clear();
        Stack.Clear();
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

    /// <summary>Puts the rest, in parts, to what waits.</summary>
    public void MoveTo(PendingStructs pending, DecodedUpdate update, ReadOnlySpan<byte> bytes)
    {
        _tails.Sort((a, b) => a.First.CompareTo(b.First));
        UpdateCursor cursor = update.Format == UpdateFormat.V2 ? UpdateCursor.Open(bytes, UpdateFormat.V2, PendingStructs.ReadOptions) : default;
        int read = 0;
        foreach (Tail tail in _tails)
        {
            int first = tail.First;
            while (first < tail.End)
            {
                int end = first;
                while (end < tail.End && end - first < ParkedPart.MaxStructs && update.Structs[end].Kind != StructKind.Skip)
                    end++;
                if (end == first)
                {
                    first++;
                    continue;
                }

                byte[] copy = update.Format == UpdateFormat.V1 ? CopyV1(update, bytes, first, end) : CopyV2(ref cursor, ref read, bytes, first, end);
                ref DecodedUpdate.Struct last = ref update.Structs[end - 1];
                pending.Park(tail.Client, new ParkedPart(
                    update.Format, copy, update.Structs[first].Clock, last.Clock + last.Length, end - first, update.BytesOf(first, end)));
                first = end;
            }
        }

        foreach ((int client, int clock) in Missing)
            pending.NoteMissing(client, clock);
        foreach (Tail tail in _tails)
            pending.NoteWait(tail.Client, update.Structs[tail.First]);
    }

    private static byte[] CopyV1(DecodedUpdate update, ReadOnlySpan<byte> bytes, int first, int end)
    {
        Span<DecodedUpdate.Struct> structs = update.Structs.Items[first..end];
        int start = structs[0].Start;
        byte[] copy = bytes[start..structs[^1].End].ToArray();
        foreach (ref DecodedUpdate.Struct next in structs)
        {
            // Yjs knows the key only where it stands, so the bit is lost together with the reference to the parent.
            if (next.HasOrigins)
                copy[next.Start - start] = (byte)(next.Info & ~StructInfo.HasParentSub);
        }

        return copy;
    }

    private static byte[] CopyV2(ref UpdateCursor cursor, ref int read, ReadOnlySpan<byte> bytes, int first, int end)
    {
        UpdateWriter writer = new(UpdateFormat.V2);
        for (; read < end; read++)
        {
            cursor.MoveNext(bytes);
            if (read >= first)
                writer.Write(bytes, cursor.Current, 0, healed: false);
        }

        ByteBuffer copy = new();
        writer.Finish([], copy);
        return copy.Written.ToArray();
    }

    private record struct Tail(int Client, int First, int End);
}
