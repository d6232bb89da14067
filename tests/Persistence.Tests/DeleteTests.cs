namespace CoEdit.Persistence.Tests;

public sealed class DeleteTests : StorageTest
{
    [Fact]
    public async Task A_deleted_document_is_empty_and_remembers_its_past()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        await log.FoldAsync(document, Bytes("a state in several pieces"), 2, Ct);
        await AppendEach(log, document, "c");
        await log.DeleteAsync(document, Bytes("vector"), Ct);

        Assert.Equal(1, document.Epoch);
        Assert.Equal("vector"u8.ToArray(), document.Tombstone.ToArray());
        Assert.Equal((0, 0L, 0L), (document.LogRows, document.LogBytes, document.SnapshotBytes));
        var loaded = await log.LoadAsync("notes", Ct);
        Assert.Empty(loaded.Updates);
        Assert.Null(loaded.Created);
        Assert.Null(loaded.LastChange);
        Assert.Equal(1, loaded.Log.Epoch);
        Assert.Equal("vector"u8.ToArray(), loaded.Log.Tombstone.ToArray());
        Assert.Null(await log.FindAsync("notes", Ct));
        Assert.Equal(0L, Sql("SELECT count(*) FROM log"));
        Assert.Equal(0L, Sql("SELECT count(*) FROM snapshot"));
        Assert.Equal(0L, Sql("SELECT flags FROM doc"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_later_append_starts_the_document_anew(bool sameHandle)
    {
        var time = new ManualTimeProvider();
        await using var log = Open(time: time);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        await log.DeleteAsync(document, Bytes("vector"), Ct);
        time.Advance(TimeSpan.FromDays(1));
        var next = sameHandle ? document : await Load(log, "notes");
        await AppendEach(log, next, "c");

        var loaded = await log.LoadAsync("notes", Ct);
        Assert.Equal(["c"], Texts(loaded));
        Assert.Equal(time.GetUtcNow(), loaded.Created);
        Assert.Equal(1, loaded.Log.Epoch);
        Assert.Equal(3, loaded.Log.CommittedSequence);
        Assert.Equal("vector"u8.ToArray(), loaded.Log.Tombstone.ToArray());
        Assert.Equal(1, next.LogRows);
        Assert.Equal(1, (await log.FindAsync("notes", Ct))!.Epoch);

        await log.DeleteAsync(next, Bytes("both vectors"), Ct);
        Assert.Equal(2, (await Load(log, "notes")).Epoch);
        Assert.Equal("both vectors"u8.ToArray(), next.Tombstone.ToArray());
    }

    [Fact]
    public async Task A_deletion_comes_after_what_was_appended_before_and_before_what_comes_after()
    {
        var gate = new Gate("group.before_commit");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var document = await Load(log, "notes");
        log.Append(document, Bytes("a"), null);
        await gate.Arrived();
        log.Append(document, Bytes("b"), null);
        var deletion = log.DeleteAsync(document, Bytes("vector"), Ct);
        log.Append(document, Bytes("c"), null);
        gate.Open();
        await deletion;
        await Durable(document);

        Assert.Equal(["c"], Texts(await log.LoadAsync("notes", Ct)));
        Assert.Equal(1, document.Epoch);
    }

    [Fact]
    public async Task Deleting_what_was_never_stored_changes_nothing()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await log.DeleteAsync(document, default, Ct);

        Assert.Equal(0, document.Epoch);
        Assert.Equal(0L, Sql("SELECT count(*) FROM doc"));
    }

    [Fact]
    public async Task A_tombstone_is_kept_even_if_nothing_was_stored()
    {
        await using var log = Open();
        await log.DeleteAsync(await Load(log, "notes"), Bytes("vector"), Ct);

        var loaded = await log.LoadAsync("notes", Ct);
        Assert.Equal((1, "vector"), (loaded.Log.Epoch, System.Text.Encoding.UTF8.GetString(loaded.Log.Tombstone.Span)));
        Assert.Null(loaded.Created);
    }

    [Fact]
    public async Task The_owner_is_told()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        var epochs = new List<long>();
        document.Committed = d => epochs.Add(d.Epoch);
        await log.DeleteAsync(document, Bytes("vector"), Ct);

        Assert.Equal([1], epochs);
    }

    [Fact]
    public async Task A_large_log_is_swept_in_slices_while_others_write()
    {
        var gate = new Gate("fold.delete_slice");
        await using var log = Open(o => o.Failpoint = gate.Pass);
        var (document, other) = (await Load(log, "large"), await Load(log, "other"));
        await AppendEach(log, document, [.. Enumerable.Range(0, 1200).Select(i => $"{i}")]);
        var deletion = log.DeleteAsync(document, Bytes("vector"), Ct);
        await gate.Arrived();
        log.Append(other, Bytes("in between"), null);
        gate.LetOne();
        await gate.Arrived();
        await Durable(other);

        // Between the slices nobody sees what is left.
        Assert.Empty((await log.LoadAsync("large", Ct)).Updates);
        Assert.Equal(700L, Sql("SELECT count(*) FROM log JOIN doc ON id = doc_id WHERE name = 'large'"));
        gate.Open();
        await deletion;
        Assert.Equal(1L, Sql("SELECT count(*) FROM log"));
    }

    [Fact]
    public async Task What_a_deletion_could_not_remove_is_removed_at_the_next_start()
    {
        var gate = new Gate("fold.delete_slice");
        using (var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            await using var log = Open(o => o.Failpoint = gate.Pass);
            var document = await Load(log, "notes");
            await AppendEach(log, document, [.. Enumerable.Range(0, 600).Select(i => $"{i}")]);
            var deletion = log.DeleteAsync(document, Bytes("vector"), cancel.Token);
            await gate.Arrived();
            await cancel.CancelAsync();
            gate.Open();
            await deletion;
        }

        Assert.Equal(100L, Sql("SELECT count(*) FROM log"));
        gate = new Gate("fold.delete_slice");
        await using var again = Open(o => o.Failpoint = gate.Pass);
        await gate.Arrived();
        gate.LetOne();
        await gate.Arrived();
        gate.Open();
        await again.DisposeAsync();
        Assert.Equal((0L, 0L), (Sql("SELECT count(*) FROM log"), Sql("SELECT flags FROM doc")));
    }
}
