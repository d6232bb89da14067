namespace CoEdit.Crdt;

/// <summary>Changes that are undone together.</summary>
public sealed class UndoStackItem
{
    internal UndoStackItem(ReadOnlySpan<ClockRun> insertions, ReadOnlySpan<ClockRun> deletions)
    {
        Insertions = insertions.ToArray();
        Deletions = deletions.ToArray();
    }

    /// <summary>Notes of the application, such as where the caret was.</summary>
    public IDictionary<object, object?> Meta { get; } = new Dictionary<object, object?>();

    // Grouped by client, ascending inside a group.
    internal ClockRun[] Insertions { get; private set; }

    internal ClockRun[] Deletions { get; private set; }

    internal void Add(ReadOnlySpan<ClockRun> insertions, ReadOnlySpan<ClockRun> deletions)
    {
        Insertions = Union(Insertions, insertions);
        Deletions = Union(Deletions, deletions);
    }

    internal static bool Contains(ReadOnlySpan<ClockRun> runs, int client, int clock)
    {
        foreach (ref readonly ClockRun run in runs)
        {
            if (run.Client == client && clock >= run.Clock && clock < run.End)
                return true;
        }

        return false;
    }

    // The order of the clients is kept: what is brought back gets its clocks in this order.
    private static ClockRun[] Union(ClockRun[] runs, ReadOnlySpan<ClockRun> more)
    {
        List<ClockRun> all = [.. runs, .. more];
        Dictionary<int, int> ranks = [];
        foreach (ClockRun run in all)
            ranks.TryAdd(run.Client, ranks.Count);
        all.Sort((a, b) => a.Client != b.Client ? ranks[a.Client].CompareTo(ranks[b.Client]) : a.Clock.CompareTo(b.Clock));
        List<ClockRun> joined = [];
        foreach (ClockRun run in all)
        {
            if (joined.Count > 0 && joined[^1].Client == run.Client && joined[^1].End >= run.Clock)
                joined[^1] = joined[^1] with { Length = Math.Max(joined[^1].Length, run.End - joined[^1].Clock) };
            else
                joined.Add(run);
        }

        return [.. joined];
    }
}
