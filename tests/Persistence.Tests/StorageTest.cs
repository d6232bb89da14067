using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoEdit.Persistence.Tests;

/// <summary>A database in a temporary folder and what most tests do with it.</summary>
public abstract class StorageTest : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SqliteUpdateLog> _logs = [];

    private protected TemporaryFolder Folder => _folder;

    private protected string DatabasePath => _folder.File("coedit.db");

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the database; small chunks and no linger, so that small inputs cross every edge at once.</summary>
    private protected SqliteUpdateLog Open(Action<StorageOptions>? configure = null, TimeProvider? time = null)
    {
        var options = Options(DatabasePath);
        configure?.Invoke(options);
        var log = SqliteUpdateLog.Open(options, time ?? TimeProvider.System, NullLoggerFactory.Instance);
        _logs.Add(log);
        return log;
    }

    private protected static StorageOptions Options(string path) => new()
    {
        ConnectionString = $"Data Source={path}",
        Linger = TimeSpan.Zero,
        SnapshotChunkBytes = 8,
    };

    private protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected static string[] Texts(LoadedDocument document) =>
        [.. document.Updates.Select(update => Encoding.UTF8.GetString(update.Span))];

    /// <summary>Completes when everything appended to the document so far is committed.</summary>
    private protected static Task Durable(DocumentLog document) => Durable(document, document.EnqueuedTicket);

    private protected static async Task Durable(DocumentLog document, long ticket)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<DocumentLog> look = log =>
        {
            if (log.DurableTicket >= ticket)
                done.TrySetResult();
        };
        document.Committed += look;
        look(document);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        document.Committed -= look;
    }

    /// <summary>Appends texts, each committed before the next, so that each is a log row.</summary>
    private protected static async Task AppendEach(IUpdateLog log, DocumentLog document, params string[] texts)
    {
        foreach (var text in texts)
        {
            log.Append(document, Bytes(text), null);
            await Durable(document);
        }
    }

    private protected static async Task<DocumentLog> Load(IUpdateLog log, string name) => (await log.LoadAsync(name, Ct)).Log;

    /// <summary>Runs a statement over a connection of its own and returns the first column of the first row.</summary>
    private protected object? Sql(string statement)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteScalar();
    }
}
