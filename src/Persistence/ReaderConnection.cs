using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CoEdit.Persistence;

/// <summary>One read-only connection: EF Core's queries, and prepared statements for loading, which happens with every room that opens.</summary>
/// <remarks>Used by one thread at a time, and thrown away after any failure.</remarks>
internal sealed class ReaderConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _document;
    private readonly SqliteCommand _state;
    private readonly SqliteCommand _log;

    private ReaderConnection(SqliteConnection connection)
    {
        _connection = connection;
        Context = new CoEditDbContext(new DbContextOptionsBuilder<CoEditDbContext>().UseSqlite(connection).Options);
        _document = Prepare(
            "SELECT id, head, snap_seq, snap_gen, snap_bytes, epoch, tombstone, created, updated, deleted_at FROM doc WHERE name = $1",
            SqliteType.Text);
        _state = Prepare(
            "SELECT chunk, crc, codec, data FROM snapshot WHERE doc_id = $1 AND gen = $2 ORDER BY chunk", SqliteType.Integer, SqliteType.Integer);
        _log = Prepare("SELECT seq, crc, data FROM log WHERE doc_id = $1 AND seq > $2 ORDER BY seq", SqliteType.Integer, SqliteType.Integer);
    }

    public CoEditDbContext Context { get; }

    /// <exception cref="SqliteException">The file can't be opened or is no usable database.</exception>
    public static ReaderConnection Open(DataFile file)
    {
        var connection = new SqliteConnection(file.ReaderConnectionString);
        try
        {
            connection.Open();
            return new ReaderConnection(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A transaction that sees one state of the database. Deferred, for any other kind wants to write.</summary>
    public SqliteTransaction BeginTransaction()
    {
        var transaction = _connection.BeginTransaction(deferred: true);
        _document.Transaction = _state.Transaction = _log.Transaction = transaction;
        return transaction;
    }

    /// <summary>The row of a document without its <see cref="DocumentRow.Flags"/> and <see cref="DocumentRow.Bytes"/>; null if there is none.</summary>
    public DocumentRow? FindDocument(string name)
    {
        _document.Parameters[0].Value = name;
        using var row = _document.ExecuteReader();
        if (!row.Read())
            return null;
        return new DocumentRow
        {
            Id = row.GetInt64(0),
            Name = name,
            Head = row.GetInt64(1),
            SnapshotSequence = row.GetInt64(2),
            SnapshotGeneration = row.GetInt64(3),
            SnapshotBytes = row.GetInt64(4),
            Epoch = row.GetInt64(5),
            Tombstone = row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
            Created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
            Updated = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
            DeletedAt = row.IsDBNull(9) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
        };
    }

    /// <summary>The pieces of a folded state in order: piece, checksum, codec, data.</summary>
    public SqliteDataReader ReadState(long document, long generation) => Execute(_state, document, generation);

    /// <summary>The log rows after <paramref name="sequence"/> in order: sequence, checksum, data.</summary>
    public SqliteDataReader ReadLog(long document, long sequence) => Execute(_log, document, sequence);

    public void Dispose()
    {
        _document.Dispose();
        _state.Dispose();
        _log.Dispose();
        Context.Dispose();
        _connection.Dispose();
    }

    private static SqliteDataReader Execute(SqliteCommand statement, long first, long second)
    {
        statement.Parameters[0].Value = first;
        statement.Parameters[1].Value = second;
        return statement.ExecuteReader();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<SqliteType> parameters)
    {
        var statement = _connection.CreateCommand();
        statement.CommandText = sql;
        for (var i = 0; i < parameters.Length; i++)
            statement.Parameters.Add($"${i + 1}", parameters[i]);
        return statement;
    }
}
