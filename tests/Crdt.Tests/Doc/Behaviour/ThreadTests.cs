using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A document belongs to one thread at a time, not to one for ever.</summary>
public sealed class ThreadTests
{
    // The decoder keeps scratch memory per thread; nothing of it may be taken for knowledge of the document.
    [Fact]
    public void A_document_may_move_from_thread_to_thread()
    {
        YDoc source = new(new YDocOptions { ClientId = 2 });
        List<byte[]> updates = [];
        source.Updated += (update, _) => updates.Add(update.ToArray());
        for (int i = 0; i < 10; i++)
            source.GetText("t").Insert(i, "x");
        YDoc doc = new();
        foreach (byte[] update in updates)
        {
            Exception? failure = null;
            Thread thread = new(() => failure = Record.Exception(() => doc.ApplyUpdate(update)));
            thread.Start();
            thread.Join();
            Assert.Null(failure);
        }

        Assert.Equal(10, doc.GetText("t").Length);
    }
}
