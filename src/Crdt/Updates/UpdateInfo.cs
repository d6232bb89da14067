namespace CoEdit.Crdt;

/// <summary>Facts about an update that need no document.</summary>
public static class UpdateInfo
{
    /// <summary>Validates an update as <see cref="UpdateStore.Apply"/> does and lists what it carries.</summary>
    /// <param name="update">An update v1.</param>
    /// <param name="structs">Receives one range per run of consecutive structs, in the order of the update. Skips are left out.</param>
    /// <param name="deletes">Receives the ranges of the delete set, in the order of the update.</param>
    /// <exception cref="MalformedUpdateException">The bytes are not an update; the lists are unchanged.</exception>
    public static void ReadRanges(ReadOnlySpan<byte> update, List<ClockRange> structs, List<ClockRange> deletes)
    {
        ArgumentNullException.ThrowIfNull(structs);
        ArgumentNullException.ThrowIfNull(deletes);
        UpdateScan scan = UpdateScan.Rent();
        try
        {
            UpdateScanner.Scan(update, store: null, scan);
            foreach (ref readonly UpdateScan.Run run in scan.Runs.Items)
                structs.Add(new ClockRange(run.Client, run.Start, run.End));
            foreach (ref readonly ClockRange range in scan.Deletes.Items)
                deletes.Add(range);
        }
        finally
        {
            UpdateScan.Return(scan);
        }
    }
}
