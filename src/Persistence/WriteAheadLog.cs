namespace CoEdit.Persistence;

/// <summary>Checkpoints: copying SQLite's write-ahead log into the database file, always by the writer's own hand.</summary>
/// <remarks>
/// SQLite's automatic checkpoint runs inside a commit and quadruples the slowest percent of commits; one that runs between commits
/// doesn't. That only the writer checkpoints also keeps older SQLite versions clear of their WAL-reset bug, which needs two connections.
/// </remarks>
internal static class WriteAheadLog
{
    /// <summary>Above this size the log is restarted from its beginning, and what is left of it is cut off. Bytes.</summary>
    public const long SizeLimit = 64 * 1024 * 1024;

    /// <summary>Copies what no reader still needs in the log; returns whether that was everything.</summary>
    public static bool Checkpoint(WriterConnection connection)
    {
        var (complete, bytes) = Run(connection, "PRAGMA wal_checkpoint(PASSIVE)");

        // Without a pause the log is never rewound by itself. There is no busy handler, so this doesn't wait for readers either.
        return bytes > SizeLimit ? Run(connection, "PRAGMA wal_checkpoint(RESTART)").Complete : complete;
    }

    /// <summary>Copies everything and empties the log file; false if a reader was in the way.</summary>
    public static bool Truncate(WriterConnection connection) => Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)").Complete;

    private static (bool Complete, long Bytes) Run(WriterConnection connection, string pragma)
    {
        const int TypicalFrameBytes = 4096 + 24;
        using var row = connection.Query(pragma);
        row.Read();
        var (busy, frames, copied) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        return (busy == 0 && copied >= frames, frames * TypicalFrameBytes);
    }
}
