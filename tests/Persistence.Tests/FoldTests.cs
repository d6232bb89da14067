using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence.Tests;

public sealed class FoldTests : StorageTest
{
    private const string State = "a state that needs several pieces of eight bytes";

    [Fact]
    public async Task A_fold_replaces_the_rows_it_covers()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b", "c");

        Assert.True(await log.FoldAsync(document, Bytes(State), 2, Ct));

        Assert.Equal([State, "c"], Texts(await log.LoadAsync("notes", Ct)));
        Assert.Equal((1, (long)State.Length), (document.LogRows, document.SnapshotBytes));
        Assert.Equal(Sql("SELECT length(data) FROM log"), document.LogBytes);
        Assert.Equal(3L, Sql("SELECT seq FROM log"));
        Assert.Equal(document.LogBytes + document.SnapshotBytes, (await log.FindAsync("notes", Ct))!.Size);
        Assert.Equal(0L, Sql("SELECT flags FROM doc"));
        Assert.Equal(6L, Sql("SELECT count(*) FROM snapshot"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    public async Task States_of_every_length_come_back(int length)
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        var state = State[..length];

        Assert.True(await log.FoldAsync(document, Bytes(state), 1, Ct));
        Assert.Equal([state], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task The_last_but_one_generation_is_kept_and_older_ones_go()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        for (var i = 1; i <= 4; i++)
        {
            await AppendEach(log, document, $"{i}");
            Assert.True(await log.FoldAsync(document, Bytes($"generation {i}"), i, Ct));
        }

        Assert.Equal("3,4", Sql("SELECT group_concat(gen) FROM (SELECT DISTINCT gen FROM snapshot ORDER BY gen)"));
        Assert.Equal(["generation 4"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task Appends_go_on_during_a_fold_and_nothing_is_lost()
    {
        await using var log = Open(o => o.SnapshotChunkBytes = 512);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "0");
        var folds = Task.Run(
            async () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    // The state covers at least the rows up to there: here, their numbers.
                    var through = document.CommittedSequence;
                    var state = string.Join(',', Enumerable.Range(0, (int)through));
                    Assert.True(await log.FoldAsync(document, Bytes(state), through, Ct));
                }
            },
            Ct);
        var next = 1;
        while (!folds.IsCompleted)
            await AppendEach(log, document, $"{next++}");
        await folds;

        var loaded = await log.LoadAsync("notes", Ct);
        Assert.Equal(
            Enumerable.Range(0, next).Select(i => $"{i}"),
            Texts(loaded).SelectMany(text => text.Split(',')));
        Assert.Equal((loaded.Log.LogRows, loaded.Log.LogBytes), (document.LogRows, document.LogBytes));
        Assert.Equal(document.LogBytes + document.SnapshotBytes, (await log.FindAsync("notes", Ct))!.Size);
    }

    [Theory]
    [InlineData("fold.chunk")]
    [InlineData("fold.before_flip")]
    [InlineData("fold.after_flip")]
    [InlineData("fold.delete_slice")]
    public async Task Appends_and_loads_between_the_steps_see_the_whole_document(string point)
    {
        var gate = new Gate(point);
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        var fold = log.FoldAsync(document, Bytes("ab in a state"), 2, Ct);
        await gate.Arrived();
        log.Append(document, Bytes("c"), null);
        string[] before = Texts(await log.LoadAsync("notes", Ct));
        gate.Open();
        Assert.True(await fold);
        await Durable(document);

        Assert.Equal(point is "fold.after_flip" or "fold.delete_slice" ? ["ab in a state"] : ["a", "b"], before);
        Assert.Equal(["ab in a state", "c"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task Only_one_of_two_folds_at_a_time_happens()
    {
        var gate = new Gate("fold.chunk");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        var first = log.FoldAsync(document, Bytes("first state"), 1, Ct);
        await gate.Arrived();
        Assert.False(await log.FoldAsync(document, Bytes("second state"), 1, Ct));
        gate.Open();

        Assert.True(await first);
        Assert.Equal(["first state"], Texts(await log.LoadAsync("notes", Ct)));
        Assert.True(await log.FoldAsync(document, Bytes("third state"), 1, Ct));
    }

    [Fact]
    public async Task A_fold_that_somebody_else_overtook_changes_nothing()
    {
        // What another process could do between the last piece and the flip.
        await Open().DisposeAsync();
        await using var log = Open(o => o.WriterOpened = connection => Execute(
            connection,
            "CREATE TEMP TRIGGER overtake AFTER INSERT ON snapshot BEGIN UPDATE doc SET snap_gen = snap_gen + 1 WHERE id = new.doc_id; END"));
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");

        Assert.False(await log.FoldAsync(document, Bytes("one"), 1, Ct));
        Assert.Equal((1, 0L), (document.LogRows, document.SnapshotBytes));
        Assert.Equal(["a"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task A_deletion_during_a_fold_wins()
    {
        var gate = new Gate("fold.chunk");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        var fold = log.FoldAsync(document, Bytes(State), 1, Ct);
        await gate.Arrived();
        var deletion = log.DeleteAsync(document, Bytes("vector"), Ct);
        gate.Open();

        Assert.False(await fold);
        await deletion;
        Assert.Empty((await log.LoadAsync("notes", Ct)).Updates);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_state_of_the_deleted_past_is_not_folded_into_the_present(bool startedAnew)
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        await log.DeleteAsync(document, Bytes("vector"), Ct);
        if (startedAnew)
            await AppendEach(log, document, "c");

        Assert.False(await log.FoldAsync(document, Bytes("ab"), 2, Ct));
        string[] expected = startedAnew ? ["c"] : [];
        Assert.Equal(expected, Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task A_state_may_be_written_again_without_new_rows()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        Assert.True(await log.FoldAsync(document, Bytes("ab"), 2, Ct));
        Assert.True(await log.FoldAsync(document, Bytes("ab, compacted"), 2, Ct));

        Assert.Equal(["ab, compacted"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task A_state_that_comes_back_different_is_not_used()
    {
        await Open().DisposeAsync();
        await using var log = Open(o => o.WriterOpened = connection => Execute(
            connection,
            "CREATE TEMP TRIGGER spoil AFTER INSERT ON snapshot BEGIN UPDATE snapshot SET data = x'00' WHERE rowid = new.rowid; END"));
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");

        await Assert.ThrowsAsync<StorageException>(() => log.FoldAsync(document, Bytes("state"), 1, Ct));
        Assert.Equal(["a"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task The_pieces_of_a_failed_fold_are_removed_by_the_next()
    {
        var chunks = 0;
        await using var log = Open(o => o.Failpoint = point =>
        {
            if (point == "fold.chunk" && ++chunks == 3)
                throw new InvalidOperationException("the disk, say");
        });
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        await Assert.ThrowsAsync<StorageException>(() => log.FoldAsync(document, Bytes(State), 1, Ct));
        Assert.Equal(2L, Sql("SELECT count(*) FROM snapshot"));
        Assert.Equal(["a"], Texts(await log.LoadAsync("notes", Ct)));

        Assert.True(await log.FoldAsync(document, Bytes("short"), 1, Ct));
        Assert.Equal(1L, Sql("SELECT count(*) FROM snapshot"));
        Assert.Equal(["short"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task A_cancelled_fold_leaves_the_document_as_it_was()
    {
        var gate = new Gate("fold.chunk");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var fold = log.FoldAsync(document, Bytes(State), 1, cancel.Token);
        await gate.Arrived();
        await cancel.CancelAsync();
        gate.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fold);
        Assert.Equal(["a"], Texts(await log.LoadAsync("notes", Ct)));
        Assert.True(await log.FoldAsync(document, Bytes(State), 1, Ct));
    }

    [Fact]
    public async Task A_fold_that_is_interrupted_after_its_flip_has_happened_and_the_next_start_sweeps()
    {
        var gate = new Gate("fold.delete_slice");
        using (var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            await using var log = Open(o => o.Failpoint = gate.Pass);
            var document = await Load(log, "notes");
            await AppendEach(log, document, [.. Enumerable.Range(0, 600).Select(i => $"{i}")]);
            var fold = log.FoldAsync(document, Bytes(State), 600, cancel.Token);
            await gate.Arrived();
            await cancel.CancelAsync();
            gate.Open();
            Assert.True(await fold);
        }

        Assert.Equal((100L, 1L), (Sql("SELECT count(*) FROM log"), Sql("SELECT flags FROM doc")));
        gate = new Gate("fold.delete_slice");
        await using var again = Open(o => o.Failpoint = gate.Pass);
        await gate.Arrived();
        Assert.Equal([State], Texts(await again.LoadAsync("notes", Ct)));
        gate.LetOne();
        await gate.Arrived();
        gate.Open();
        await again.DisposeAsync();
        Assert.Equal((0L, 0L), (Sql("SELECT count(*) FROM log"), Sql("SELECT flags FROM doc")));
    }

    [Fact]
    public async Task A_fold_of_what_is_not_committed_is_a_mistake()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        Assert.False(await log.FoldAsync(document, Bytes("state"), 0, Ct));
        await AppendEach(log, document, "a");

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.FoldAsync(document, Bytes("state"), 2, Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.FoldAsync(document, Bytes("state"), -1, Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.FoldAsync(document, default, 1, Ct));
    }

    [Fact]
    public async Task A_fold_through_an_older_row_than_the_last_fold_is_refused()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        Assert.True(await log.FoldAsync(document, Bytes("ab"), 2, Ct));
        Assert.False(await log.FoldAsync(document, Bytes("a"), 1, Ct));

        Assert.Equal(["ab"], Texts(await log.LoadAsync("notes", Ct)));
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
