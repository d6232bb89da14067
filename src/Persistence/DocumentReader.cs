using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence;

/// <summary>Reads documents and lists over a few read-only connections, on the thread pool.</summary>
/// <remarks>
/// SQLite's reads block, hence no more of them at a time than there are connections; others wait without a thread. A read transaction
/// never outlives a call: one that stays open stops the write-ahead log from being reused.
/// </remarks>
internal sealed class DocumentReader(DataFile file, int readers) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(readers, readers);
    private readonly ConcurrentBag<ReaderConnection> _idle = [];
    private volatile bool _disposed;

    public Task<LoadedDocument> LoadAsync(string name, CancellationToken ct) => WithConnectionAsync(connection => Load(connection, name, ct), ct);

    public Task<T> ReadAsync<T>(Func<CoEditDbContext, T> read, CancellationToken ct) =>
        WithConnectionAsync(connection => read(connection.Context), ct);

    /// <summary>Waits for the reads that run, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        for (var i = 0; i < readers; i++)
            await _free.WaitAsync();
        while (_idle.TryTake(out var connection))
            connection.Dispose();

        // The semaphore is not disposed: whoever still waits gets a place and then ObjectDisposedException.
        _free.Release(readers);
    }

    private Task<T> WithConnectionAsync<T>(Func<ReaderConnection, T> read, CancellationToken ct)
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

    private T Read<T>(Func<ReaderConnection, T> read)
    {
        ReaderConnection? connection = null;
        try
        {
            if (!_idle.TryTake(out connection))
                connection = ReaderConnection.Open(file);
            var result = read(connection);
            _idle.Add(connection);
            connection = null;
            return result;
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Wrap(file.Path, e);
        }
        finally
        {
            // Only after a failure, and then nobody knows what state the connection is in.
            connection?.Dispose();
        }
    }

    // One transaction: a fold between two statements would lose rows.
    private static LoadedDocument Load(ReaderConnection connection, string name, CancellationToken ct)
    {
        using var transaction = connection.BeginTransaction();
        var row = connection.FindDocument(name);
        if (row is null)
            return new LoadedDocument(new DocumentLog(name), [], null, null);

        var updates = new List<ReadOnlyMemory<byte>>();
        var sequence = row.SnapshotSequence;
        try
        {
            if (row.SnapshotBytes > 0)
                updates.Add(LoadState(connection, row, ct));

            var logBytes = 0L;
            using var rows = connection.ReadLog(row.Id, row.SnapshotSequence);
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

    private static ReadOnlyMemory<byte> LoadState(ReaderConnection connection, DocumentRow row, CancellationToken ct)
    {
        var chunks = new List<byte[]>();
        using var pieces = connection.ReadState(row.Id, row.SnapshotGeneration);
        while (pieces.Read())
        {
            ct.ThrowIfCancellationRequested();
            var piece = pieces.GetInt64(0);
            if (piece != chunks.Count)
                throw Corrupt($"piece {chunks.Count} of the folded state is missing.");
            if (pieces.GetInt64(2) != SnapshotRow.RawCodec)
                throw Corrupt($"piece {piece} of the folded state has the unknown codec {pieces.GetInt64(2)}.");
            var data = pieces.GetFieldValue<byte[]>(3);
            if (pieces.GetInt64(1) != Crc32C.Compute(data))
                throw Corrupt($"the checksum of piece {piece} of the folded state doesn't match.");
            chunks.Add(data);
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
