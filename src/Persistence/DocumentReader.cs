using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CoEdit.Persistence;

/// <summary>Reads documents and lists over a few read-only connections, on the thread pool.</summary>
/// <remarks>
/// SQLite's reads block, hence no more of them at a time than there are connections; others wait without a thread. A read transaction
/// never outlives a call: one that stays open stops the write-ahead log from being reused.
/// </remarks>
internal sealed class DocumentReader(DataFile file, int readers) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(readers, readers);
    private readonly ConcurrentBag<CoEditDbContext> _idle = [];
    private volatile bool _disposed;

    public Task<LoadedDocument> LoadAsync(string name, CancellationToken ct) => ReadAsync(database => Load(database, name, ct), ct);

    public Task<T> ReadAsync<T>(Func<CoEditDbContext, T> read, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Wait();

        async Task<T> Wait()
        {
            await _free.WaitAsync(ct);
            try
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return await Task.Run(() => Read(read), ct);
            }
            finally
            {
                _free.Release();
            }
        }
    }

    /// <summary>Waits for the reads that run, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        for (var i = 0; i < readers; i++)
            await _free.WaitAsync();
        while (_idle.TryTake(out var database))
            Close(database);

        // The semaphore is not disposed: whoever still waits gets a place and then ObjectDisposedException.
        _free.Release(readers);
    }

    private T Read<T>(Func<CoEditDbContext, T> read)
    {
        CoEditDbContext? database = null;
        try
        {
            if (!_idle.TryTake(out database))
                database = Open();
            var result = read(database);
            _idle.Add(database);
            database = null;
            return result;
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Wrap(file.Path, e);
        }
        finally
        {
            // Only after a failure, and then nobody knows what state the connection is in.
            if (database is not null)
                Close(database);
        }
    }

    private CoEditDbContext Open()
    {
        var connection = new SqliteConnection(file.ReaderConnectionString);
        try
        {
            connection.Open();
            return new CoEditDbContext(new DbContextOptionsBuilder<CoEditDbContext>().UseSqlite(connection).Options);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Close(CoEditDbContext database)
    {
        var connection = database.Database.GetDbConnection();
        database.Dispose();
        connection.Dispose();
    }

    // One transaction: a fold between two statements would lose rows. Deferred, for any other kind wants to write.
    private static LoadedDocument Load(CoEditDbContext database, string name, CancellationToken ct)
    {
        var connection = (SqliteConnection)database.Database.GetDbConnection();
        using var transaction = connection.BeginTransaction(deferred: true);
        database.Database.UseTransaction(transaction);
        try
        {
            return Load(database, connection, transaction, name, ct);
        }
        finally
        {
            database.Database.UseTransaction(null);
        }
    }

    private static LoadedDocument Load(
        CoEditDbContext database, SqliteConnection connection, SqliteTransaction transaction, string name, CancellationToken ct)
    {
        var row = database.Documents.AsNoTracking().FirstOrDefault(d => d.Name == name);
        if (row is null)
            return new LoadedDocument(new DocumentLog(name), [], null, null);

        var updates = new List<ReadOnlyMemory<byte>>();
        var sequence = row.SnapshotSequence;
        try
        {
            if (row.SnapshotBytes > 0)
                updates.Add(LoadState(database, row, ct));

            var logBytes = 0L;
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "SELECT seq, crc, data FROM log WHERE doc_id = $1 AND seq > $2 ORDER BY seq";
            command.Parameters.AddWithValue("$1", row.Id);
            command.Parameters.AddWithValue("$2", row.SnapshotSequence);
            using var rows = command.ExecuteReader();
            while (rows.Read())
            {
                ct.ThrowIfCancellationRequested();
                if (rows.GetInt64(0) != ++sequence)
                    throw new CorruptDocumentException(name, sequence, "the log row is missing.");
                var data = rows.GetFieldValue<byte[]>(2);
                if (rows.GetInt64(1) != Crc32C.Compute(data))
                    throw new CorruptDocumentException(name, sequence, "the checksum of the log row doesn't match.");
                if (!LogRowFormat.TryRead(data, updates))
                    throw new CorruptDocumentException(name, sequence, "the log row doesn't follow its format.");
                logBytes += data.Length;
            }

            if (sequence != row.Head)
                throw new CorruptDocumentException(name, sequence + 1, "the log row is missing.");
            var log = new DocumentLog(
                name,
                row.Id,
                row.Epoch,
                row.Tombstone ?? [],
                row.Head,
                checked((int)(row.Head - row.SnapshotSequence)),
                logBytes,
                row.SnapshotBytes);
            return row.DeletedAt is null
                ? new LoadedDocument(log, updates, row.Created, row.Updated)
                : new LoadedDocument(log, updates, null, null);
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e))
        {
            throw new CorruptDocumentException(name, sequence, e.Message, e);
        }
    }

    private static ReadOnlyMemory<byte> LoadState(CoEditDbContext database, DocumentRow row, CancellationToken ct)
    {
        var chunks = new List<byte[]>();
        foreach (var chunk in database.Set<SnapshotRow>().AsNoTracking()
            .Where(s => s.DocumentId == row.Id && s.Generation == row.SnapshotGeneration)
            .OrderBy(s => s.Chunk))
        {
            ct.ThrowIfCancellationRequested();
            if (chunk.Chunk != chunks.Count)
                throw Corrupt($"piece {chunks.Count} of the folded state is missing.");
            if (chunk.Codec != SnapshotRow.RawCodec)
                throw Corrupt($"piece {chunk.Chunk} of the folded state has the unknown codec {chunk.Codec}.");
            if (chunk.Crc != Crc32C.Compute(chunk.Data))
                throw Corrupt($"the checksum of piece {chunk.Chunk} of the folded state doesn't match.");
            chunks.Add(chunk.Data);
        }

        var length = chunks.Sum(chunk => (long)chunk.Length);
        if (length != row.SnapshotBytes)
            throw Corrupt($"the folded state has {length} bytes instead of {row.SnapshotBytes}.");
        return chunks.Count == 1 ? chunks[0] : Join(chunks, checked((int)length));

        CorruptDocumentException Corrupt(string reason) => new(row.Name, row.SnapshotSequence, reason);
    }

    private static byte[] Join(List<byte[]> chunks, int length)
    {
        var joined = GC.AllocateUninitializedArray<byte>(length);
        var position = 0;
        foreach (var chunk in chunks)
        {
            chunk.CopyTo(joined, position);
            position += chunk.Length;
        }

        return joined;
    }
}
