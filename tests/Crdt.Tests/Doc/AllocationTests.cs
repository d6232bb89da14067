using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What a keystroke costs the garbage collector once a document is warm.</summary>
public sealed class AllocationTests
{
    private const int Warm = 3000;
    private const int Keystrokes = 1000;

    [Fact]
    public void Typing_with_update_events_allocates_no_garbage_per_keystroke()
    {
        YDoc doc = new();
        YText text = doc.GetText("t");
        long bytes = 0;
        doc.Updated += (update, _) => bytes += update.Length;
        for (int i = 0; i < Warm; i++)
            text.Insert(text.Length, "x");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Keystrokes; i++)
            text.Insert(text.Length, "x");
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The text itself grows now and then.
        Assert.True(allocated < 8 * Keystrokes, $"{allocated} bytes for {Keystrokes} keystrokes");
        Assert.True(bytes > 0);
    }

    [Fact]
    public void Typing_of_others_allocates_no_garbage_per_keystroke()
    {
        YDoc author = new();
        List<byte[]> updates = [];
        author.Updated += (update, _) => updates.Add(update.ToArray());
        YText text = author.GetText("t");
        for (int i = 0; i < Warm + Keystrokes; i++)
            text.Insert(text.Length, "x");
        YDoc doc = new();
        foreach (byte[] update in updates[..Warm])
            doc.ApplyUpdate(update);
        byte[][] rest = [.. updates[Warm..]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] update in rest)
            doc.ApplyUpdate(update);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 8 * Keystrokes, $"{allocated} bytes for {Keystrokes} keystrokes");
        Assert.Equal(text.Length, doc.GetText("t").Length);
    }
}
