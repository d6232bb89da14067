using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEdit.Persistence;

/// <summary>The update log in a SQLite database file, which this process owns while the log is open.</summary>
/// <remarks>
/// An append is a place in a queue; the writer thread turns the queue into transactions (<see cref="UpdateLogWriter"/>), reads go over
/// connections of their own (<see cref="DocumentReader"/>), a fold is a sequence of jobs on the writer (<see cref="Folding"/>).
/// </remarks>
public sealed partial class SqliteUpdateLog : IUpdateLog
{
    // SQLite refuses rows of a billion bytes. An update that could never be stored would stop all others, for it would be repeated for ever.
    private const int MaxUpdateBytes = 512 * 1024 * 1024;

    // SQLite refuses patterns of more than 50,000 bytes.
    private const int MaxSearchLength = 4096;

    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DataFile _file;
    private readonly WriteQueue _queue;
    private readonly UpdateLogWriter _writer;
    private readonly DocumentReader _reader;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    // Under the gate: documents with a fold under way, and what DisposeAsync returns from its second call on.
    private readonly HashSet<long> _folding = [];
    private Task? _disposal;

    private Task _sweeping = Task.CompletedTask;

    private SqliteUpdateLog(StorageOptions options, TimeProvider time, ILogger logger, DataFile file, WriterConnection connection)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _file = file;
        _queue = new WriteQueue(options.Linger);
        _writer = new UpdateLogWriter(_queue, connection, file, options, time, logger);
        _reader = new DocumentReader(file, options.Readers);
    }

    /// <inheritdoc/>
    public bool IsAccepting => !_queue.IsCompleted && _queue.UncommittedBytes < _options.MaxQueueBytes;

    /// <inheritdoc/>
    public StorageStatus Status
    {
        get
        {
            var (bytes, updates, oldest) = _queue.Snapshot();
            var error = _writer.Error ?? (_queue.IsCompleted ? "The storage is closed." : null);
            return new StorageStatus(
                error is null,
                error,
                bytes,
                updates,
                oldest is { } since ? _time.GetElapsedTime(since) : null,
                SqliteLibrary.Version,
                _file.Path);
        }
    }

    /// <summary>For contexts that only query.</summary>
    internal string ReaderConnectionString => _file.ReaderConnectionString;

    /// <summary>Creates folder and file if need be, locks out a second server, migrates, and starts the writer.</summary>
    /// <param name="options">Where and how; not to be changed afterwards.</param>
    /// <param name="time">The source of time stamps and durations.</param>
    /// <param name="loggers">Where the storage reports failures and recoveries.</param>
    /// <exception cref="StorageException">The options or the file can't be used; the message is one sentence that says why.</exception>
    public static SqliteUpdateLog Open(StorageOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggers);
        if (options.Validate() is { Count: > 0 } errors)
            throw new StorageException(string.Join(" ", errors));

        var file = DataFile.Acquire(options);
        WriterConnection? connection = null;
        try
        {
            _ = SqliteLibrary.Version;
            connection = WriterConnection.Open(file, options);
            DatabaseSchema.Prepare(connection, file.Path);
            var log = new SqliteUpdateLog(options, time, loggers.CreateLogger<SqliteUpdateLog>(), file, connection);
            log._writer.Start();
            log._sweeping = log.SweepLeftoversAsync();
            return log;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            file.Dispose();
            if (e is SqliteException sqlite)
                throw SqliteErrors.AtStart(file.Path, sqlite);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<LoadedDocument> LoadAsync(string name, CancellationToken ct)
    {
        DocumentName.Check(name);
        return _reader.LoadAsync(name, ct);
    }

    /// <inheritdoc/>
    public long Append(DocumentLog document, ReadOnlyMemory<byte> update, string? principal)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(update.Length, MaxUpdateBytes);
        var ticket = document.EnqueuedTicket + 1;
        var item = new WriteItem(
            document, update, principal, ticket, _time.GetUtcNow().ToUnixTimeMilliseconds(), _time.GetTimestamp(), Job: null);
        ObjectDisposedException.ThrowIf(!_queue.TryEnqueue(item), this);
        document.EnqueuedTicket = ticket;
        return ticket;
    }

    /// <inheritdoc/>
    public async Task<bool> FoldAsync(DocumentLog document, ReadOnlyMemory<byte> state, long throughSequence, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentOutOfRangeException.ThrowIfZero(state.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(throughSequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(throughSequence, document.CommittedSequence);
        var id = document.DocumentId;
        if (id == 0)
            return false;
        lock (_gate)
        {
            // Two folds of one document would mix their chunks.
            if (!_folding.Add(id))
                return false;
        }

        try
        {
            return await FoldAloneAsync(document, id, state, throughSequence, ct);
        }
        finally
        {
            lock (_gate)
                _folding.Remove(id);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(DocumentLog document, ReadOnlyMemory<byte> tombstone, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(document);
        var copy = tombstone.ToArray();
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var deleted = await WriteAsync(
            connection => Folding.Delete(connection, document.Name, copy, now),
            deleted =>
            {
                if (deleted is null)
                    return;
                document.OnDeleted(deleted.DocumentId, deleted.Epoch, copy);
                _writer.Notify(document);
            },
            ct);
        if (deleted is not null)
            await SweepAsync(deleted.DocumentId, ct);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DocumentSummary>> ListAsync(string? search, string? after, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (search is not null)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(search.Length, MaxSearchLength);
        return _reader.ReadAsync(
            IReadOnlyList<DocumentSummary> (database) =>
            {
                var documents = database.Documents.AsNoTracking().Where(d => d.DeletedAt == null);
                if (!string.IsNullOrEmpty(search))
                    documents = documents.Where(d => EF.Functions.Like(d.Name, LikePattern(search), "\\"));
                if (after is not null)
                    documents = documents.Where(d => string.Compare(d.Name, after) > 0);
                return Summaries(documents.OrderBy(d => d.Name).Take(limit)).ToList();
            },
            ct);
    }

    /// <inheritdoc/>
    public Task<DocumentSummary?> FindAsync(string name, CancellationToken ct)
    {
        DocumentName.Check(name);
        return _reader.ReadAsync(
            database => Summaries(database.Documents.AsNoTracking().Where(d => d.Name == name && d.DeletedAt == null)).SingleOrDefault(),
            ct);
    }

    /// <summary>Stops accepting, commits what is queued, empties the write-ahead log, closes the file and releases its lock.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposal ??= CloseAsync());
    }

    private async Task CloseAsync()
    {
        // 1. no more work  2. the sweep stops where it is  3. readers leave, so that the last checkpoint reaches everything  4. the writer
        // drains its queue and closes the file  5. the next server may have it.
        _queue.Complete();
        await _closing.CancelAsync();
        try
        {
            await _sweeping;
        }
        finally
        {
            await _reader.DisposeAsync();
            await _writer.Ended;
            _file.Dispose();
            _closing.Dispose();
        }
    }

    private async Task<bool> FoldAloneAsync(DocumentLog document, long id, ReadOnlyMemory<byte> state, long through, CancellationToken ct)
    {
        if (await WriteAsync(connection => Folding.Begin(connection, id, through), null, ct) is not { } generation)
            return false;
        while (await WriteAsync(connection => Folding.RemoveOrphans(connection, id, generation), null, ct))
        {
        }

        for (var chunk = 0; (long)chunk * _options.SnapshotChunkBytes < state.Length; chunk++)
        {
            var start = chunk * _options.SnapshotChunkBytes;
            var data = state.Slice(start, Math.Min(_options.SnapshotChunkBytes, state.Length - start)).ToArray();
            var number = chunk;
            await WriteAsync(
                connection =>
                {
                    Folding.AddChunk(connection, id, generation + 1, number, through, data);
                    _options.Failpoint?.Invoke("fold.chunk");
                    return true;
                },
                null,
                ct);
        }

        if (!await _reader.ReadAsync(database => Folding.IsStored(database, id, generation + 1, state.Span), ct))
            throw new StorageException($"The folded state of document \"{document.Name}\" didn't come back as it was written.");

        var folded = await WriteAsync(
            connection =>
            {
                var folded = Folding.Flip(connection, id, generation, through, state.Length);
                _options.Failpoint?.Invoke("fold.before_flip");
                return folded;
            },
            folded =>
            {
                if (folded is null)
                    return;
                _options.Failpoint?.Invoke("fold.after_flip");
                document.OnFolded(folded.LogRows, folded.LogBytes, folded.SnapshotBytes);
                _writer.Notify(document);
            },
            ct);
        if (folded is null)
            return false;
        await SweepAsync(id, ct);
        return true;
    }

    // Whatever stops it, the flag in the row stays and the next start goes on: the fold or deletion itself has happened.
    private async Task SweepAsync(long documentId, CancellationToken ct)
    {
        try
        {
            while (await WriteAsync(
                connection =>
                {
                    var more = Folding.Sweep(connection, documentId);
                    _options.Failpoint?.Invoke("fold.delete_slice");
                    return more;
                },
                null,
                ct))
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            LogSweepStopped(documentId);
        }
        catch (StorageException e)
        {
            LogSweepFailed(e, documentId);
        }
    }

    // What a process that was killed between a flip and its sweep has left.
    private async Task SweepLeftoversAsync()
    {
        try
        {
            var leftovers = await _reader.ReadAsync(
                database => database.Documents.AsNoTracking().Where(d => d.Flags != 0).Select(d => d.Id).ToList(), _closing.Token);
            foreach (var id in leftovers)
                await SweepAsync(id, _closing.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            LogSweepStopped(0);
        }
        catch (StorageException e)
        {
            LogSweepFailed(e, 0);
        }
    }

    private async Task<T> WriteAsync<T>(Func<WriterConnection, T> work, Action<T>? committed, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var job = new WriteJob<T>(work, committed);
        ObjectDisposedException.ThrowIf(!_queue.TryEnqueue(new WriteItem(null, default, null, 0, 0, 0, job)), this);
        await using (ct.UnsafeRegister(static (job, ct) => ((WriteJob<T>)job!).Cancel(ct), job))
            return await job.Done;
    }

    private static string LikePattern(string text) =>
        "%" + text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_") + "%";

    private static IQueryable<DocumentSummary> Summaries(IQueryable<DocumentRow> documents) =>
        documents.Select(d => new DocumentSummary(d.Name, d.Bytes, d.Created, d.Updated, d.Epoch));

    [LoggerMessage(310, LogLevel.Debug, "The removal of surplus rows of document {DocumentId} stopped; it goes on at the next start")]
    private partial void LogSweepStopped(long documentId);

    [LoggerMessage(311, LogLevel.Warning, "Surplus rows of document {DocumentId} could not be removed; the next start tries again")]
    private partial void LogSweepFailed(Exception exception, long documentId);
}
