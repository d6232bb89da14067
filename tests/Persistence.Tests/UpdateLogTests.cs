namespace CoEdit.Persistence.Tests;

public sealed class UpdateLogTests : StorageTest
{
    [Fact]
    public async Task What_was_appended_is_loaded_in_order()
    {
        await using var log = Open();
        var document = await Load(log, "notes");
        log.Append(document, Bytes("a"), null);
        log.Append(document, Bytes("b"), "alice");
        await Durable(document);
        log.Append(document, Bytes("c"), "bob");
        await Durable(document);

        Assert.Equal(["a", "b", "c"], Texts(await log.LoadAsync("notes", Ct)));
    }
}
