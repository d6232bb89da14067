using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CoEdit.Persistence;

/// <summary>The one connection that writes: EF Core's transactions, prepared statements, and what is cached as long as it lives.</summary>
/// <remarks>
/// Used by one thread at a time. After any failure it is thrown away and a new one opened: nothing cached can then differ from what
/// is stored, and after a failed flush the old handle must not be trusted.
/// </remarks>
internal sealed class WriterConnection : IDisposable
{
    // Authors are few; a flood of principals only costs look-ups again.
    private const int MaxCachedAuthors = 10_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = [];
    private readonly Dictionary<string, long> _authors = [];
    private SqliteTransaction? _transaction;

    private WriterConnection(SqliteConnection connection)
    {
        _connection = connection;
        Context = new CoEditDbContext(new DbContextOptionsBuilder<CoEditDbContext>().UseSqlite(connection).Options);
    }

    public CoEditDbContext Context { get; }

    /// <exception cref="SqliteException">The file can't be opened or is no usable database.</exception>
    public static WriterConnection Open(DataFile file, StorageOptions options)
    {
        var connection = new SqliteConnection(file.WriterConnectionString);
        try
        {
            connection.Open();
            var writer = new WriterConnection(connection);

            // synchronous, autocheckpoint and the size limit belong to the connection, not to the file.
            var mode = (string)writer.Scalar("PRAGMA journal_mode = WAL")!;
            if (mode != "wal")
                throw new StorageException($"The database {file.Path} can't use a write-ahead log (its journal mode stays {mode}).");
            writer.Execute(options.Synchronous == SynchronousMode.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            writer.Execute("PRAGMA wal_autocheckpoint = 0");
            writer.Scalar(string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit = {WriteAheadLog.SizeLimit}"));
            options.WriterOpened?.Invoke(connection);
            return writer;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs the work in a transaction; when this returns, its changes are committed.</summary>
    public T InTransaction<T>(Func<WriterConnection, T> work)
    {
        using var transaction = Context.Database.BeginTransaction();
        _transaction = (SqliteTransaction)transaction.GetDbTransaction();
        try
        {
            var result = work(this);
            transaction.Commit();
            return result;
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Executes a statement whose parameters are $1, $2, …; returns the number of changed rows.</summary>
    public int Execute(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>The first column of the first row; null if there is none or it is null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object> values) =>
        Bind(sql, values).ExecuteScalar() is var value && value is DBNull ? null : value;

    /// <summary>The rows; to be disposed before the next statement with the same text.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteReader();

    /// <summary>Gives a document's next log row its sequence, creating the document or bringing it back if need be. Only inside a transaction.</summary>
    public (long Id, long Sequence, long Epoch) AdvanceHead(DocumentLog document, long knownId, long bytes, long milliseconds)
    {
        using var row = knownId != 0
            ? Query(
                """
                UPDATE doc SET head = head + 1, bytes = bytes + $2, updated = $3,
                    created = CASE WHEN deleted_at IS NULL THEN created ELSE $3 END, deleted_at = NULL
                WHERE id = $1 RETURNING id, head, epoch
                """,
                knownId, bytes, milliseconds)
            : Query(
                """
                INSERT INTO doc(name, head, snap_seq, snap_gen, snap_bytes, epoch, flags, bytes, created, updated)
                VALUES ($1, 1, 0, 0, 0, 0, 0, $2, $3, $3)
                ON CONFLICT(name) DO UPDATE SET head = head + 1, bytes = bytes + $2, updated = $3,
                    created = CASE WHEN deleted_at IS NULL THEN created ELSE $3 END, deleted_at = NULL
                RETURNING id, head, epoch
                """,
                document.Name, bytes, milliseconds);
        if (!row.Read())
            throw new InvalidOperationException($"Document \"{document.Name}\" has lost its row {knownId}.");
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    /// <summary>The reference of an author, who is added if new. Only inside a transaction.</summary>
    public long AuthorReference(string? principal)
    {
        if (principal is null)
            return LogRowFormat.Anonymous;
        if (_authors.TryGetValue(principal, out var id))
            return id;
        id = (long)(Scalar("SELECT id FROM author WHERE principal = $1", principal)
            ?? Scalar("INSERT INTO author(principal) VALUES ($1) RETURNING id", principal)!);
        if (_authors.Count >= MaxCachedAuthors)
            _authors.Clear();
        _authors.Add(principal, id);
        return id;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        Context.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = _connection.CreateCommand();
            statement.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
                statement.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${i}") });
            _statements.Add(sql, statement);
        }

        statement.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++)
            statement.Parameters[i].Value = values[i];
        return statement;
    }
}
