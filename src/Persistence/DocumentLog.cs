namespace CoEdit.Persistence;

/// <summary>The handle of one open document: how far its log has been written, and how large it is.</summary>
/// <remarks>
/// At most one handle per name may be in use at a time; the caller's registry of open documents guarantees it. Two threads touch it:
/// the document's owner (the one that calls <see cref="IUpdateLog.Append"/>) and the writer. Properties that the writer keeps
/// current are volatile, each by itself: two of them read in a row may belong to different commits.
/// </remarks>
public sealed class DocumentLog
{
    // Written by the writer thread only, read from anywhere.
    private long _documentId;
    private long _epoch;
    private byte[] _tombstone;
    private long _durableTicket;
    private long _committedSequence;
    private int _logRows;
    private long _logBytes;
    private long _snapshotBytes;

    /// <summary>A document without a row.</summary>
    internal DocumentLog(string name)
        : this(name, 0, 0, [], 0, 0, 0, 0)
    {
    }

    internal DocumentLog(
        string name,
        long documentId,
        long epoch,
        byte[] tombstone,
        long committedSequence,
        int logRows,
        long logBytes,
        long snapshotBytes)
    {
        Name = name;
        _documentId = documentId;
        _epoch = epoch;
        _tombstone = tombstone;
        _committedSequence = committedSequence;
        _logRows = logRows;
        _logBytes = logBytes;
        _snapshotBytes = snapshotBytes;
    }

    /// <summary>The document's name.</summary>
    public string Name { get; }

    /// <summary>The key of its row; 0 until its first update is committed.</summary>
    public long DocumentId => Volatile.Read(ref _documentId);

    /// <summary>How many times a document of this name was deleted.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>The encoded state vector of the deleted past, as <see cref="IUpdateLog.DeleteAsync"/> got it; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Tombstone => Volatile.Read(ref _tombstone);

    /// <summary>How many updates were appended through this handle. Touched by the owner only.</summary>
    public long EnqueuedTicket { get; internal set; }

    /// <summary>All updates with a ticket up to this one are committed.</summary>
    public long DurableTicket => Volatile.Read(ref _durableTicket);

    /// <summary>The last committed row of the document's log; what a fold of the state known at this moment may go through.</summary>
    public long CommittedSequence => Volatile.Read(ref _committedSequence);

    /// <summary>Log rows since the last fold.</summary>
    public int LogRows => Volatile.Read(ref _logRows);

    /// <summary>Bytes in the log rows since the last fold.</summary>
    public long LogBytes => Volatile.Read(ref _logBytes);

    /// <summary>Bytes of the folded state; 0 if the document was never folded.</summary>
    public long SnapshotBytes => Volatile.Read(ref _snapshotBytes);

    /// <summary>
    /// Called on the writer thread after every commit, fold and deletion that touched this document, when the properties are
    /// current. It must neither block nor throw: every other document waits meanwhile.
    /// </summary>
    public Action<DocumentLog>? Committed { get; set; }

    // Writer thread only: where this document stands in the group that is being built.
    internal long GroupStamp { get; set; }

    internal int GroupIndex { get; set; }

    internal void OnCommitted(long documentId, long epoch, long durableTicket, long sequence, int rows, long bytes)
    {
        Volatile.Write(ref _documentId, documentId);
        Volatile.Write(ref _epoch, epoch);
        Volatile.Write(ref _logRows, _logRows + rows);
        Volatile.Write(ref _logBytes, _logBytes + bytes);
        Volatile.Write(ref _committedSequence, sequence);
        Volatile.Write(ref _durableTicket, durableTicket);
    }

    internal void OnFolded(int logRows, long logBytes, long snapshotBytes)
    {
        Volatile.Write(ref _logRows, logRows);
        Volatile.Write(ref _logBytes, logBytes);
        Volatile.Write(ref _snapshotBytes, snapshotBytes);
    }

    internal void OnDeleted(long documentId, long epoch, byte[] tombstone)
    {
        Volatile.Write(ref _documentId, documentId);
        Volatile.Write(ref _tombstone, tombstone);
        Volatile.Write(ref _epoch, epoch);
        OnFolded(0, 0, 0);
    }
}
