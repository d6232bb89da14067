namespace CoEdit.Persistence.Tests;

public sealed class CheckpointTests : StorageTest
{
    [Fact]
    public async Task Commits_reach_the_database_file_without_a_shutdown()
    {
        await using var log = Open(o => o.CheckpointInterval = TimeSpan.FromMilliseconds(10));
        var document = await Load(log, "notes");
        await AppendEach(log, document, [.. Enumerable.Range(0, 50).Select(i => $"update {i}")]);

        // The file alone, without its write-ahead log.
        var copy = Folder.File("copy.db");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            File.Copy(DatabasePath, copy, overwrite: true);
            await using (var second = SqliteUpdateLog.Open(Options(copy), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance))
            {
                if ((await second.LoadAsync("notes", Ct)).Updates.Count == 50)
                    break;
            }

            await Task.Delay(10, deadline.Token);
        }
    }

    [Fact]
    public async Task A_write_ahead_log_that_readers_have_made_large_is_started_over()
    {
        await using var connection = new TestConnection(DataFile.Acquire(Options(DatabasePath)));
        var writer = connection.Writer;
        writer.Execute("CREATE TABLE t(data BLOB)");
        using (var reader = connection.OpenReader())
        {
            // As long as this reader is in the middle of something, nothing after its snapshot can leave the log.
            using var transaction = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM t";
            command.ExecuteScalar();
            for (var i = 0; i < 20; i++)
                writer.Execute("INSERT INTO t VALUES (randomblob(4000000))");
            Assert.False(WriteAheadLog.Checkpoint(writer));
        }

        Assert.InRange(new FileInfo(DatabasePath + "-wal").Length, WriteAheadLog.SizeLimit, long.MaxValue);
        Assert.True(WriteAheadLog.Checkpoint(writer));

        // The next commit begins at the start of the log and cuts it to its limit.
        writer.Execute("INSERT INTO t VALUES (x'00')");
        Assert.InRange(new FileInfo(DatabasePath + "-wal").Length, 0, WriteAheadLog.SizeLimit);
        Assert.True(WriteAheadLog.Truncate(writer));
        Assert.Equal(0, new FileInfo(DatabasePath + "-wal").Length);
    }

    private sealed class TestConnection(DataFile file) : IAsyncDisposable
    {
        public WriterConnection Writer { get; } = WriterConnection.Open(file, new StorageOptions());

        public Microsoft.Data.Sqlite.SqliteConnection OpenReader()
        {
            var reader = new Microsoft.Data.Sqlite.SqliteConnection(file.ReaderConnectionString);
            reader.Open();
            return reader;
        }

        public ValueTask DisposeAsync()
        {
            Writer.Dispose();
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
