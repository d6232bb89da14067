using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence;

/// <summary>How and where documents are stored. Bound to the configuration section <c>CoEdit:Storage</c>.</summary>
/// <remarks>Read once, by <see cref="SqliteUpdateLog.Open"/>; later changes have no effect.</remarks>
public sealed class StorageOptions
{
    /// <summary>
    /// Names the database file: <c>Data Source=path</c> and nothing else. A relative path starts at the working directory.
    /// CoEdit decides the mode, cache and pooling of its connections itself.
    /// </summary>
    public string ConnectionString { get; set; } = "Data Source=data/coedit.db";

    /// <summary>What a commit promises; see <see cref="SynchronousMode"/>.</summary>
    public SynchronousMode Synchronous { get; set; } = SynchronousMode.Full;

    /// <summary>
    /// How long the writer waits for company after the first update of a group. It delays acknowledgements, never broadcasts, and
    /// turns many small commits into few; zero commits at once. 0 to 1 s.
    /// </summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Budget, in bytes, of updates that wait for their commit. Above it <see cref="IUpdateLog.IsAccepting"/> is false. At least 1.
    /// </summary>
    public long MaxQueueBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Size, in bytes, of the pieces in which a document's folded state is stored: one commit each. 1 to 64 MiB.</summary>
    public int SnapshotChunkBytes { get; set; } = 256 * 1024;

    /// <summary>How often the write-ahead log is copied into the database file while there is work. 1 ms to 1 h.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many documents and lists are read at the same time; more readers wait their turn. 1 to 64.</summary>
    public int Readers { get; set; } = 4;

    /// <summary>Called on the writer thread after every commit of updates. It must not block: every document waits meanwhile.</summary>
    public Action<CommittedGroup>? Committed { get; set; }

    /// <summary>
    /// Called with the name of each point at which the writer can be interrupted; tests throw or kill the process there.
    /// </summary>
    internal Action<string>? Failpoint { get; set; }

    /// <summary>Called with every new writing connection; tests limit its page count there.</summary>
    internal Action<SqliteConnection>? WriterOpened { get; set; }

    /// <summary>Sentences, each naming its configuration key, about the values that can't be used; empty if all can.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        Check(!string.IsNullOrWhiteSpace(ConnectionString), nameof(ConnectionString), "must name a file: Data Source=path");
        Check(Enum.IsDefined(Synchronous), nameof(Synchronous), "must be Full or Normal");
        Check(Linger >= TimeSpan.Zero && Linger <= TimeSpan.FromSeconds(1), nameof(Linger), "must be between 0 and 1 second");
        Check(MaxQueueBytes > 0, nameof(MaxQueueBytes), "must be at least 1");
        Check(SnapshotChunkBytes is > 0 and <= 64 * 1024 * 1024, nameof(SnapshotChunkBytes), "must be between 1 and 67108864");
        Check(
            CheckpointInterval >= TimeSpan.FromMilliseconds(1) && CheckpointInterval <= TimeSpan.FromHours(1),
            nameof(CheckpointInterval),
            "must be between 1 millisecond and 1 hour");
        Check(Readers is > 0 and <= 64, nameof(Readers), "must be between 1 and 64");
        return errors;

        void Check(bool holds, string property, string sentence)
        {
            if (!holds)
                errors.Add($"CoEdit:Storage:{property} {sentence}.");
        }
    }
}
