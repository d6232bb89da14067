namespace CoEdit.Persistence;

/// <summary>When a commit counts as durable (<c>PRAGMA synchronous</c>).</summary>
public enum SynchronousMode
{
    /// <summary>Every commit is flushed to the drive: what was acknowledged survives a power loss.</summary>
    Full = 0,

    /// <summary>
    /// Commits reach the drive with the next checkpoint: a crash of the process loses nothing, but a power loss or a kernel panic
    /// loses the acknowledged updates of up to a checkpoint interval. The database itself stays consistent.
    /// </summary>
    Normal = 1,
}
