namespace CoEdit.Persistence;

/// <summary>The health of the storage at one moment.</summary>
/// <param name="Writable">False from a failed commit until the next one that succeeds, and for good after the writer has stopped.</param>
/// <param name="Error">Why it isn't writable, as a sentence; null while it is.</param>
/// <param name="QueuedBytes">Bytes of updates that are not committed yet, including a fixed cost for each.</param>
/// <param name="QueuedUpdates">How many updates are not committed yet.</param>
/// <param name="OldestUncommitted">For how long the oldest of them has been waiting; null if there are none.</param>
/// <param name="SqliteVersion">The version of the SQLite library in use.</param>
/// <param name="DataFile">The absolute path of the database file.</param>
public sealed record StorageStatus(
    bool Writable,
    string? Error,
    long QueuedBytes,
    int QueuedUpdates,
    TimeSpan? OldestUncommitted,
    string SqliteVersion,
    string DataFile);
