namespace CoEdit.Persistence.Tests;

public sealed class ListTests : StorageTest
{
    // Ordered by UTF-8 bytes. U+FFFD sorts before the emoji here, after it in UTF-16; upper case sorts before lower case.
    private static readonly string[] Names = ["100%", "A", "Zebra", "a", "a/b", "a_b", "back\\slash", "é", "日本", "\uFFFD", "😀"];

    [Fact]
    public async Task Pages_follow_the_bytes_of_the_names()
    {
        await using var log = await Filled();
        var found = new List<string>();
        string? after = null;
        while (await log.ListAsync(null, after, 2, Ct) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 2);
            found.AddRange(page.Select(document => document.Name));
            after = page[^1].Name;
        }

        Assert.Equal(Names, found);
    }

    [Theory]
    [InlineData("ZEB", "Zebra")]
    [InlineData("a", "A,Zebra,a,a/b,a_b,back\\slash")]
    [InlineData("%", "100%")]
    [InlineData("_", "a_b")]
    [InlineData("\\", "back\\slash")]
    [InlineData("本", "日本")]
    [InlineData("nowhere", "")]
    [InlineData("", "100%,A,Zebra,a,a/b,a_b,back\\slash,é,日本,\uFFFD,😀")]
    public async Task A_search_takes_its_text_literally_and_ignores_ascii_case(string search, string expected)
    {
        await using var log = await Filled();
        Assert.Equal(expected, string.Join(',', (await log.ListAsync(search, null, 100, Ct)).Select(document => document.Name)));
    }

    [Fact]
    public async Task A_page_after_a_name_that_does_not_exist_starts_where_it_would_be()
    {
        await using var log = await Filled();
        Assert.Equal(["a_b"], (await log.ListAsync(null, "a/c", 1, Ct)).Select(document => document.Name));
    }

    [Fact]
    public async Task Deleted_documents_are_not_listed()
    {
        await using var log = await Filled();
        await log.DeleteAsync(await Load(log, "a"), Bytes("t"), Ct);

        Assert.DoesNotContain(await log.ListAsync(null, null, 100, Ct), document => document.Name == "a");
        Assert.Null(await log.FindAsync("a", Ct));
        Assert.NotNull(await log.FindAsync("A", Ct));
    }

    [Fact]
    public async Task A_summary_has_size_times_and_epoch()
    {
        var time = new ManualTimeProvider();
        await using var log = Open(time: time);
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a");
        time.Advance(TimeSpan.FromMinutes(1));
        await AppendEach(log, document, "b");

        var expected = new DocumentSummary("notes", document.LogBytes, time.GetUtcNow().AddMinutes(-1), time.GetUtcNow(), 0);
        Assert.Equal(expected, await log.FindAsync("notes", Ct));
        Assert.Equal([expected], await log.ListAsync(null, null, 1, Ct));

        await log.FoldAsync(document, Bytes("state"), document.CommittedSequence, Ct);
        Assert.Equal(expected with { Size = 5 }, await log.FindAsync("notes", Ct));
    }

    [Fact]
    public async Task A_page_holds_at_least_one_and_a_search_has_a_limit()
    {
        await using var log = Open();
        Assert.Empty(await log.ListAsync(new string('%', 4096), null, 1, Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ListAsync(new string('x', 4097), null, 1, Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.ListAsync(null, null, 0, Ct));
    }

    private async Task<SqliteUpdateLog> Filled()
    {
        var log = Open();
        foreach (var name in Names.Reverse())
            await AppendEach(log, await Load(log, name), "x");
        return log;
    }
}
