using System.Globalization;
using System.Text;

namespace CoEdit.Persistence.Tests;

public sealed class UpdateLogTests : StorageTest
{
    [Fact]
    public async Task What_was_appended_is_loaded_in_order()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        Assert.Equal(1, log.Append(document, Bytes("a"), null));
        Assert.Equal(2, log.Append(document, Bytes("b"), "alice"));
        await Durable(document);
        Assert.Equal(3, log.Append(document, Bytes(""), null));
        Assert.Equal(4, log.Append(document, Bytes("c"), "bob"));
        await Durable(document);

        Assert.Equal(4, document.DurableTicket);
        Assert.Equal(["a", "b", "", "c"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task A_name_nobody_wrote_to_is_an_empty_document_without_a_row()
    {
        await using var log = Open();
        var loaded = await log.LoadAsync("nothing", Ct);

        Assert.Empty(loaded.Updates);
        Assert.Null(loaded.Created);
        Assert.Null(loaded.LastChange);
        Assert.Equal("nothing", loaded.Log.Name);
        Assert.Equal(0, loaded.Log.DocumentId);
        Assert.Equal(0, loaded.Log.Epoch);
        Assert.True(loaded.Log.Tombstone.IsEmpty);
        Assert.Equal(0L, Sql("SELECT count(*) FROM doc"));
    }

    [Fact]
    public async Task Everything_is_there_after_a_clean_restart()
    {
        await using (var log = Open())
        {
            var document = await Load(log, "notes");
            for (var i = 0; i < 100; i++)
                log.Append(document, Bytes($"{i}"), null);
        }

        Assert.False(File.Exists(DatabasePath + "-wal"));
        await using var again = Open();
        var loaded = await again.LoadAsync("notes", Ct);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), Texts(loaded));
        Assert.Equal(loaded.Log.LogBytes, (await again.FindAsync("notes", Ct))!.Size);
    }

    [Fact]
    public async Task The_updates_of_a_document_in_one_commit_are_one_row()
    {
        var gate = new Gate("group.before_commit");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var (a, b, first) = (await Load(log, "a"), await Load(log, "b"), await Load(log, "first"));
        log.Append(first, Bytes("opens the gate"), null);
        await gate.Arrived();
        for (var i = 0; i < 5; i++)
        {
            log.Append(a, Bytes($"a{i}"), null);
            log.Append(b, Bytes($"b{i}"), null);
        }

        gate.Open();
        await Durable(a);
        await Durable(b);

        Assert.Equal(2L, Sql("SELECT count(*) FROM log JOIN doc ON id = doc_id WHERE name IN ('a', 'b')"));
        Assert.Equal(1, a.LogRows);
        Assert.Equal(1, a.CommittedSequence);
        Assert.Equal(["a0", "a1", "a2", "a3", "a4"], Texts(await log.LoadAsync("a", Ct)));
        Assert.Equal(["b0", "b1", "b2", "b3", "b4"], Texts(await log.LoadAsync("b", Ct)));
    }

    [Fact]
    public async Task A_group_waits_for_company_while_it_lingers()
    {
        await using var log = Open(o => o.Linger = TimeSpan.FromSeconds(1));
        var document = await Load(log, "notes");
        log.Append(document, Bytes("a"), null);
        log.Append(document, Bytes("b"), null);
        await Durable(document);

        Assert.Equal(1, document.LogRows);
    }

    [Fact]
    public async Task A_commit_larger_than_a_row_makes_several_rows_and_loses_nothing()
    {
        var gate = new Gate("group.before_commit");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "big");
        log.Append(document, Bytes("small"), null);
        await gate.Arrived();
        string[] large = ["a", "b", "c", "d"];
        for (var i = 0; i < large.Length; i++)
        {
            large[i] = new string(large[i][0], 600_000);
            log.Append(document, Bytes(large[i]), null);
        }

        var huge = new string('e', 3_000_000);
        log.Append(document, Bytes(huge), null);
        gate.Open();
        await Durable(document);

        Assert.Equal(6, document.LogRows);
        var loaded = await log.LoadAsync("big", Ct);
        Assert.Equal(["small", .. large, huge], Texts(loaded));
    }

    [Fact]
    public async Task Rows_say_who_wrote_what_when()
    {
        var time = new ManualTimeProvider();
        var gate = new Gate("group.before_commit");
        await using (var log = Open(o => o.Failpoint = gate.Pass, time))
        {
            var document = await Load(log, "notes");
            log.Append(document, Bytes("x"), "alice");
            await gate.Arrived();
            log.Append(document, Bytes("1"), "bob");
            time.Advance(TimeSpan.FromMilliseconds(300));
            log.Append(document, Bytes("22"), null);
            time.Advance(TimeSpan.FromMilliseconds(-400));
            log.Append(document, Bytes("333"), "alice");
            gate.Open();
            await Durable(document);
        }

        Assert.Equal("1=alice,2=bob", Sql("SELECT group_concat(id || '=' || principal) FROM (SELECT * FROM author ORDER BY id)"));
        byte[] row = [1, 2, 0, (byte)'1', 2, 0, 0xAC, 0x02, (byte)'2', (byte)'2', 3, 1, 0, (byte)'3', (byte)'3', (byte)'3'];
        Assert.Equal(row, Sql("SELECT data FROM log WHERE seq = 2"));
        Assert.Equal((long)Crc32C.Compute(row), Sql("SELECT crc FROM log WHERE seq = 2"));
        Assert.Equal(
            new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), Sql("SELECT ts FROM log WHERE seq = 2"));
    }

    [Fact]
    public async Task Authors_are_told_apart_whatever_their_names()
    {
        string[] principals = ["a", "a\0b", "a\0c", "A", "á", "😀", " ", "", "'; DROP TABLE doc; --", new string('x', 100_000)];
        await using var log = Open();
        var document = await Load(log, "notes");
        foreach (var principal in principals)
            log.Append(document, Bytes("x"), principal);
        await Durable(document);

        Assert.Equal((long)principals.Length, Sql("SELECT count(*) FROM author"));
    }

    [Fact]
    public async Task Authors_keep_their_reference_after_a_restart()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var log = Open();
            var document = await Load(log, "notes");
            log.Append(document, Bytes("x"), "alice");
            log.Append(document, Bytes("x"), "ALICE");
        }

        Assert.Equal(2L, Sql("SELECT count(*) FROM author"));
    }

    [Fact]
    public async Task The_handle_knows_how_large_its_log_is()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "one", "two", "three");

        Assert.Equal(3, document.LogRows);
        Assert.Equal(3, document.CommittedSequence);
        Assert.Equal(Sql("SELECT sum(length(data)) FROM log"), document.LogBytes);
        Assert.Equal(0, document.SnapshotBytes);

        var again = await Load(log, "notes");
        Assert.Equal(document.DocumentId, again.DocumentId);
        Assert.Equal(3, again.LogRows);
        Assert.Equal(3, again.CommittedSequence);
        Assert.Equal(document.LogBytes, again.LogBytes);
        Assert.Equal(0, again.EnqueuedTicket);
        Assert.Equal(0, again.DurableTicket);
    }

    [Fact]
    public async Task Created_and_last_change_follow_the_clock()
    {
        var time = new ManualTimeProvider();
        await using var log = Open(time: time);
        var created = time.GetUtcNow();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        time.Advance(TimeSpan.FromHours(1));
        await AppendEach(log, document, "b");

        var loaded = await log.LoadAsync("notes", Ct);
        Assert.Equal(created, loaded.Created);
        Assert.Equal(created.AddHours(1), loaded.LastChange);
    }

    [Fact]
    public async Task Many_documents_written_from_many_threads_keep_their_own_order()
    {
        await using var log = Open(o => o.Linger = TimeSpan.FromMilliseconds(2));
        await Parallel.ForEachAsync(Enumerable.Range(0, 16), Ct, async (d, ct) =>
        {
            var name = $"document {d}";
            var document = (await log.LoadAsync(name, ct)).Log;
            for (var i = 0; i < 500; i++)
                log.Append(document, Bytes($"{i}"), i % 2 == 0 ? $"author {d}" : null);
            await Durable(document);
        });

        for (var d = 0; d < 16; d++)
            Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), Texts(await log.LoadAsync($"document {d}", Ct)));
        Assert.Equal((0, 0, null), (log.Status.QueuedBytes, log.Status.QueuedUpdates, log.Status.OldestUncommitted));
    }

    [Fact]
    public async Task A_callback_that_throws_stops_nobody()
    {
        await using var log = Open();
        var (bad, good) = (await Load(log, "bad"), await Load(log, "good"));
        bad.Committed = _ => throw new InvalidOperationException("a mistake");
        log.Append(bad, Bytes("a"), null);
        log.Append(good, Bytes("b"), null);
        await Durable(good);
        bad.Committed = null;
        await AppendEach(log, bad, "c");

        Assert.Equal(["a", "c"], Texts(await log.LoadAsync("bad", Ct)));
        Assert.True(log.Status.Writable);
    }

    [Fact]
    public async Task Callbacks_come_after_the_commit_and_see_current_properties()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        var seen = new List<(long Ticket, long Sequence, object? Rows)>();
        document.Committed = d => seen.Add((d.DurableTicket, d.CommittedSequence, Sql("SELECT count(*) FROM log")));
        await AppendEach(log, document, "a", "b");

        Assert.Equal([(1, 1, 1L), (2, 2, 2L)], seen);
    }

    [Fact]
    public async Task A_disposed_log_refuses_everything()
    {
        var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        await log.DisposeAsync();
        await log.DisposeAsync();

        Assert.False(log.IsAccepting);
        Assert.False(log.Status.Writable);
        Assert.Throws<ObjectDisposedException>(() => log.Append(document, Bytes("b"), null));
        Assert.Equal(1, document.EnqueuedTicket);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.LoadAsync("notes", Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.FoldAsync(document, Bytes("s"), 1, Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.DeleteAsync(document, Bytes("t"), Ct));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var gate = new Gate("group.before_commit");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "notes");
        log.Append(document, Bytes("a"), null);
        await gate.Arrived();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var deletion = log.DeleteAsync(document, Bytes("t"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deletion);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => log.LoadAsync("notes", cancel.Token));
        gate.Open();
        await Durable(document);

        Assert.Equal(["a"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task A_name_that_would_not_come_back_as_it_went_in_is_refused()
    {
        await using var log = Open();
        foreach (var name in (string[])["a\0b", "", "half of a pair \ud83d"])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => log.LoadAsync(name, Ct));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => log.FindAsync(name, Ct));
        }
    }

    [Fact]
    public async Task A_row_of_thousands_of_updates_comes_back_whole()
    {
        await using var log = Open(o => o.Linger = TimeSpan.FromMilliseconds(50));
        var document = await Load(log, "notes");
        var expected = new List<string>();
        for (var i = 0; i < 20_000; i++)
        {
            expected.Add(i.ToString(CultureInfo.InvariantCulture));
            log.Append(document, Encoding.UTF8.GetBytes(expected[i]), null);
        }

        await Durable(document);
        Assert.Equal(expected, Texts(await log.LoadAsync("notes", Ct)));
    }
}
