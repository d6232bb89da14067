namespace CoEdit.Persistence;

/// <summary>The durable side of all documents: an append-only log of updates per document, folded into a state now and then.</summary>
/// <remarks>
/// <para>One per process. Every member may be called from any thread, except that <see cref="Append"/> is called by the owner of its
/// document only. Updates are opaque bytes; applying one twice must be harmless, for a commit whose outcome is unknown is repeated.</para>
/// <para>Order: all appends of all documents form one queue and commit in its order, so whatever caused an update is committed before
/// it or with it.</para>
/// <para>Disposal stops accepting, commits what is queued and closes the file.</para>
/// </remarks>
public interface IUpdateLog : IAsyncDisposable
{
    /// <summary>
    /// False while updates should be refused: the queue is over its budget, the writer has failed for good, or the log is being
    /// disposed. Callers look before they apply an update.
    /// </summary>
    bool IsAccepting { get; }

    /// <summary>The health of the storage now.</summary>
    StorageStatus Status { get; }

    /// <summary>
    /// Reads a document as of all commits that preceded the call. An unknown or deleted name is an empty document; no row is created.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty, holds a zero character or is not valid UTF-16.</exception>
    /// <exception cref="CorruptDocumentException">A checksum, a format or a missing row shows that the document is damaged.</exception>
    /// <exception cref="StorageException">The database can't be read.</exception>
    Task<LoadedDocument> LoadAsync(string name, CancellationToken ct);

    /// <summary>Queues an update and returns its ticket at once; <see cref="DocumentLog.DurableTicket"/> tells when it is committed.</summary>
    /// <param name="document">The open document.</param>
    /// <param name="update">The bytes, at most 512 MiB. They are not copied and must not change afterwards.</param>
    /// <param name="principal">Who wrote it; null for nobody known.</param>
    /// <exception cref="ObjectDisposedException">The log was disposed: the update is not stored.</exception>
    long Append(DocumentLog document, ReadOnlyMemory<byte> update, string? principal);

    /// <summary>
    /// Replaces log rows up to <paramref name="throughSequence"/> by a state that contains at least them. Appends go on meanwhile.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="state">The state, not empty. It must not change until the task completes.</param>
    /// <param name="throughSequence">A value of <see cref="DocumentLog.CommittedSequence"/> read before the state was encoded.</param>
    /// <param name="ct">Gives up before the state counts; afterwards it only leaves the removal of old rows to the next start or fold.</param>
    /// <returns>False if nothing changed, because the document was folded or deleted by somebody else meanwhile or has no rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The state is empty, or <paramref name="throughSequence"/> is not committed.</exception>
    /// <exception cref="StorageException">The state couldn't be written, or read back as it was; the document is as before.</exception>
    Task<bool> FoldAsync(DocumentLog document, ReadOnlyMemory<byte> state, long throughSequence, CancellationToken ct);

    /// <summary>
    /// Deletes a document after everything appended before the call: its log and state are dropped, its epoch goes up by one, and
    /// the tombstone stays. A later append through the same or a new handle starts the document anew.
    /// </summary>
    /// <param name="document">The document. If it was never stored and the tombstone is empty, nothing happens.</param>
    /// <param name="tombstone">The encoded state vector of everything that ever lived under the name; replaces the stored one.</param>
    /// <param name="ct">Gives up while the deletion is still queued.</param>
    /// <exception cref="StorageException">
    /// The deletion couldn't be committed, or the disk failed so late that only loading the document again tells whether it was.
    /// </exception>
    Task DeleteAsync(DocumentLog document, ReadOnlyMemory<byte> tombstone, CancellationToken ct);

    /// <summary>One page of the documents that are not deleted, ordered by the bytes of their UTF-8 names.</summary>
    /// <param name="search">
    /// Text that the name must contain, without regard to the case of A to Z; null or empty for all. At most 4096 characters.
    /// </param>
    /// <param name="after">The name after which the page starts, exclusive; null for the first page.</param>
    /// <param name="limit">The most to return, at least 1.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">The database can't be read.</exception>
    Task<IReadOnlyList<DocumentSummary>> ListAsync(string? search, string? after, int limit, CancellationToken ct);

    /// <summary>One document; null if it was never stored or is deleted.</summary>
    /// <exception cref="StorageException">The database can't be read.</exception>
    Task<DocumentSummary?> FindAsync(string name, CancellationToken ct);
}
