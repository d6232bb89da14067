using System.Buffers;

namespace CoEdit.Crdt;

/// <summary>What would wait after an update was applied, computed without applying it.</summary>
/// <remarks>
/// Goes through the sections as <see cref="StructStore.ApplyStructs"/> does, with numbers for states. A section that has to wait is noted at the
/// client it waits for, by clock, so that the work is near linear.
/// </remarks>
internal readonly record struct PendingForecast(long Bytes, long Structs, long Deletes)
{
    public static PendingForecast Of(StructStore store, DecodedUpdate update)
    {
        int[] states = ArrayPool<int>.Shared.Rent(store.ClientCount);
        for (int i = 0; i < store.ClientCount; i++)
            states[i] = store.Client(i).State;
        Span<DecodedUpdate.Section> sections = update.Sections.Items;
        int[] heads = new int[sections.Length];
        Dictionary<int, PriorityQueue<int, int>> waiting = [];
        Stack<int> due = new();
        for (int i = 0; i < sections.Length; i++)
        {
            heads[i] = sections[i].Next;
            due.Push(i);
        }

        while (due.TryPop(out int section))
        {
            ref DecodedUpdate.Section at = ref sections[section];
            Advance(update, states, at, ref heads[section], waiting, section);
            if (!waiting.TryGetValue(at.Client, out PriorityQueue<int, int>? waiters))
                continue;
            while (waiters.TryPeek(out int waiter, out int clock) && clock < states[at.Client])
            {
                waiters.Dequeue();
                due.Push(waiter);
            }
        }

        PendingForecast result = Count(update, states, heads);
        ArrayPool<int>.Shared.Return(states);
        return result;
    }

    private static void Advance(
        DecodedUpdate update, int[] states, in DecodedUpdate.Section section, ref int head, Dictionary<int, PriorityQueue<int, int>> waiting, int number)
    {
        for (; head < section.End; head++)
        {
            ref DecodedUpdate.Struct next = ref update.Structs[head];
            if (next.Kind == StructKind.Skip)
                continue;
            if (next.Clock > states[section.Client])
                return;
            if (next.Kind != StructKind.Gc && TryFindMissing(next, section.Client, states, out int client, out int clock))
            {
                if (!waiting.TryGetValue(client, out PriorityQueue<int, int>? waiters))
                    waiting.Add(client, waiters = new PriorityQueue<int, int>());
                waiters.Enqueue(number, clock);
                return;
            }

            states[section.Client] = Math.Max(states[section.Client], next.Clock + next.Length);
        }
    }

    private static bool TryFindMissing(in DecodedUpdate.Struct next, int own, int[] states, out int client, out int clock)
    {
        (client, clock) = (next.A, next.B);
        if ((next.HasOrigins || !next.IsRootChild) && IsMissing(client, clock, own, states))
            return true;
        (client, clock) = (next.C, next.D);
        return next.HasOrigins && IsMissing(client, clock, own, states);
    }

    private static bool IsMissing(int client, int clock, int own, int[] states) => client >= 0 && client != own && clock >= states[client];

    private static PendingForecast Count(DecodedUpdate update, int[] states, int[] heads)
    {
        long bytes = 0;
        long structs = 0;
        for (int i = 0; i < heads.Length; i++)
        {
            int end = update.Sections[i].End;
            if (heads[i] == end)
                continue;
            bytes += update.BytesOf(heads[i], end);
            structs += end - heads[i];
        }

        long deletes = 0;
        foreach (ref readonly ClockRun run in update.Deletes.Items)
            deletes += run.End > states[run.Client] ? 1 : 0;
        return new PendingForecast(bytes, structs, deletes);
    }
}
