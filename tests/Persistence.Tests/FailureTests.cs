using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence.Tests;

public sealed class FailureTests : StorageTest
{
    [Theory]
    [InlineData("group.before_commit")]
    [InlineData("group.after_commit")]
    public async Task A_commit_that_fails_is_not_acknowledged_and_repeated_until_it_succeeds(string point)
    {
        var failing = true;
        var failures = 0;
        await using var log = Open(o => o.Failpoint = name =>
        {
            if (name == point && Volatile.Read(ref failing) && Interlocked.Increment(ref failures) > 0)
                throw new IOException("the disk, say");
        });
        var document = await Load(log, "notes");
        log.Append(document, Bytes("a"), "alice");
        await Until(() => Volatile.Read(ref failures) >= 3);

        Assert.Equal(0, document.DurableTicket);
        Assert.True(log.IsAccepting);
        Assert.False(log.Status.Writable);
        Assert.Contains("the disk, say", log.Status.Error, StringComparison.Ordinal);
        Assert.Equal(1, log.Status.QueuedUpdates);

        log.Append(document, Bytes("b"), "bob");
        Volatile.Write(ref failing, false);
        await Durable(document);

        // After a commit whose outcome was unknown an update may be there twice, which is harmless; none may be missing or out of order.
        var texts = Texts(await log.LoadAsync("notes", Ct));
        Assert.Equal(["a", "b"], texts.Distinct());
        if (point == "group.before_commit")
            Assert.Equal(2, texts.Length);
        Assert.True(log.Status.Writable);
        Assert.Null(log.Status.Error);
        Assert.Equal(0, log.Status.QueuedUpdates);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_was_acknowledged_and_recovers_by_itself()
    {
        // A failing fold makes the writer open a new connection, and that one finds the disk full.
        var full = false;
        await using var log = Open(o =>
        {
            o.WriterOpened = connection =>
            {
                if (Volatile.Read(ref full))
                    Pragma(connection, "PRAGMA max_page_count = 1");
            };
            o.Failpoint = name =>
            {
                if (name == "fold.chunk")
                    throw new IOException("the disk, say");
            };
        });
        var document = await Load(log, "notes");
        await AppendEach(log, document, "before");
        Volatile.Write(ref full, true);
        await Assert.ThrowsAsync<StorageException>(() => log.FoldAsync(document, Bytes("state"), 1, Ct));

        var large = new string('x', 200_000);
        log.Append(document, Bytes(large), null);
        await Until(() => !log.Status.Writable);
        Assert.Contains("no space left", log.Status.Error, StringComparison.Ordinal);
        Assert.Equal(1, document.DurableTicket);
        Assert.Equal(["before"], Texts(await log.LoadAsync("notes", Ct)));

        Volatile.Write(ref full, false);
        await Durable(document);
        Assert.Equal(["before", large], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task Above_its_budget_the_queue_stops_accepting_until_it_has_been_committed()
    {
        var time = new ManualTimeProvider();
        var gate = new Gate("group.before_commit");
        await using var log = Open(
            o =>
            {
                o.Failpoint = gate.Pass;
                o.MaxQueueBytes = 1000;
            },
            time);
        var document = await Load(log, "notes");
        log.Append(document, new byte[500], null);
        await gate.Arrived();
        Assert.True(log.IsAccepting);
        time.Advance(TimeSpan.FromSeconds(5));
        log.Append(document, new byte[500], null);

        Assert.False(log.IsAccepting);
        Assert.Equal(2, log.Status.QueuedUpdates);
        Assert.InRange(log.Status.QueuedBytes, 1000, 2000);
        Assert.Equal(TimeSpan.FromSeconds(5), log.Status.OldestUncommitted);

        gate.LetOne();
        await gate.Arrived();
        Assert.True(log.IsAccepting);
        Assert.Equal(1, log.Status.QueuedUpdates);
        gate.Open();
        await Durable(document);
        Assert.Null(log.Status.OldestUncommitted);
        Assert.Equal(0, log.Status.QueuedBytes);
    }

    [Fact]
    public async Task Disposal_gives_up_on_a_disk_that_does_not_recover_and_releases_the_file()
    {
        var log = Open(o => o.Failpoint = name =>
        {
            if (name == "group.before_commit")
                throw new IOException("the disk, say");
        });
        var document = await Load(log, "notes");
        log.Append(document, Bytes("a"), null);
        var deletion = log.DeleteAsync(document, Bytes("t"), Ct);
        await log.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.Equal(0, document.DurableTicket);
        await Assert.ThrowsAsync<StorageException>(() => deletion);
        Assert.False(log.Status.Writable);
        await using var again = Open();
        Assert.Empty((await again.LoadAsync("notes", Ct)).Updates);
    }

    [Fact]
    public async Task A_fold_that_fails_harms_nobody()
    {
        var failing = true;
        await using var log = Open(o => o.Failpoint = name =>
        {
            if (name == "fold.before_flip" && failing)
                throw new IOException("the disk, say");
        });
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        var error = await Assert.ThrowsAsync<StorageException>(() => log.FoldAsync(document, Bytes("state"), 1, Ct));

        Assert.Contains("the disk, say", error.Message, StringComparison.Ordinal);
        Assert.True(log.Status.Writable);
        await AppendEach(log, document, "b");
        Assert.Equal(["a", "b"], Texts(await log.LoadAsync("notes", Ct)));
        failing = false;
        Assert.True(await log.FoldAsync(document, Bytes("state"), 2, Ct));
    }

    private static async Task Until(Func<bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(5, deadline.Token);
    }

    private static void Pragma(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = pragma;
        command.ExecuteNonQuery();
    }
}
