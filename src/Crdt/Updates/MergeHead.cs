namespace CoEdit.Crdt;

/// <summary>The next struct of one of the updates being merged, as far as it decides which update goes on.</summary>
internal readonly record struct MergeHead(ulong Client, uint Clock, bool IsGc)
{
    /// <summary>
    /// The order in which Yjs sorts: clients descending, then clocks ascending. Of a GC struct and an item at the same place it takes
    /// whichever is asked about to be the smaller one.
    /// </summary>
    public int CompareTo(in MergeHead other)
    {
        if (Client != other.Client)
            return Client > other.Client ? -1 : 1;
        if (Clock != other.Clock)
            return Clock < other.Clock ? -1 : 1;
        return IsGc == other.IsGc ? 0 : -1;
    }
}
