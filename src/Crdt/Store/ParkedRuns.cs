namespace CoEdit.Crdt;

/// <summary>Searches in a client's parked runs, which are sorted by clock, latest first, and disjoint.</summary>
internal static class ParkedRuns
{
    /// <summary>Index of the run with the lowest clocks that still ends after <paramref name="clock"/>; -1 when there is none.</summary>
    public static int LowestEndingAfter(List<ParkedRun> runs, uint clock)
    {
        int low = 0;
        int high = runs.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (runs[middle].End > clock)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    public static void Insert(List<ParkedRun> runs, ParkedRun run) => runs.Insert(LowestEndingAfter(runs, run.Start) + 1, run);
}
