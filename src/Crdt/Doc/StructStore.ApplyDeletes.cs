namespace CoEdit.Crdt;

/// <summary>Deleting what the ranges of an update name.</summary>
internal sealed partial class StructStore
{
    /// <summary>Deletes what the ranges name and the store has; the rest waits.</summary>
    /// <param name="transaction">The current one.</param>
    /// <param name="ranges">By client, ascending; else it takes longer.</param>
    /// <param name="known">The first of the transaction's deleted runs that came with these ranges: most ranges name just those.</param>
    /// <param name="waiting">Receives what refers to units that the store doesn't have.</param>
    public void ApplyDeletes(Transaction transaction, ReadOnlySpan<ClockRun> ranges, int known, WaitingDeletes waiting)
    {
        int client = Item.NoClient;
        foreach (ref readonly ClockRun range in ranges)
        {
            if (WasDeleted(transaction.Deletes.Items, range, client, ref known))
            {
                client = range.Client;
                continue;
            }

            client = range.Client;
            ApplyDelete(transaction, range, waiting);
        }
    }

    /// <summary>Deletes what has waited for units of a client that are there now.</summary>
    public void ApplyWaitingDeletes(Transaction transaction, ClientStructs structs, WaitingDeletes waiting)
    {
        while (waiting.TryTake(structs.Index, structs.State, out ClockRun run))
            ApplyDelete(transaction, run, waiting);
    }

    private void ApplyDelete(Transaction transaction, in ClockRun range, WaitingDeletes waiting)
    {
        ClientStructs structs = _clients[range.Client];
        if (range.Clock < structs.State)
            DeleteRange(transaction, structs, range.Clock, Math.Min(range.End, structs.State));
        if (range.End > structs.State)
        {
            int from = Math.Max(range.Clock, structs.State);
            waiting.Add(new ClockRun(range.Client, from, range.End - from));
        }
    }

    // Goes through the runs in step with the ranges, and gives up where their order differs.
    private static bool WasDeleted(ReadOnlySpan<ClockRun> runs, in ClockRun range, int clientBefore, ref int at)
    {
        while (at < runs.Length && (runs[at].Client == range.Client ? runs[at].End < range.End : runs[at].Client == clientBefore))
            at++;
        return at < runs.Length && runs[at].Client == range.Client && runs[at].Clock <= range.Clock && runs[at].End >= range.End;
    }

    private void DeleteRange(Transaction transaction, ClientStructs structs, int start, int end)
    {
        int position = structs.Find(start);
        int handle = structs.HandleAt(position);
        if (!Items[handle].IsDeleted && Items[handle].Clock < start)
        {
            handle = Split(transaction, structs, position, handle, start - Items[handle].Clock);
            position = structs.Find(start);
        }

        while (true)
        {
            if (!Items[handle].IsDeleted)
            {
                if (end < Items[handle].End)
                {
                    Split(transaction, structs, position, handle, end - Items[handle].Clock);
                    position = structs.Find(Items[handle].Clock);
                }

                Delete(transaction, handle);
            }

            position = structs.Next(position);
            if (position < 0 || structs.ClockAt(position) >= end)
                return;
            handle = structs.HandleAt(position);
        }
    }
}
