using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A keystroke in a document that has been warmed up makes no garbage: what is allocated is what the document grows by.</summary>
public sealed class KeystrokeTests
{
    private const int Warm = 20_000;
    private const int Measured = 4_000;

    // Bytes per keystroke: the text grows by half of itself now and then; a keystroke in the middle makes two items of 48 bytes and their places
    // in two indices. A transaction, a closure or an encoder per keystroke would be above both.
    private const int Typing = 12;
    private const int Splitting = 120;

    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public void Typing_at_the_end_without_a_listener() => AssertNoGarbage(i => _doc.GetText("t").Insert(i, "k"), Typing);

    [Fact]
    public void Typing_at_the_end_with_a_listener()
    {
        long emitted = 0;
        _doc.Updated += (update, _) => emitted += update.Length;
        AssertNoGarbage(i => _doc.GetText("t").Insert(i, "k"), Typing);
        Assert.True(emitted > Measured);
    }

    [Fact]
    public void Typing_here_and_there_with_a_listener_of_v1()
    {
        _doc.Updated += (_, _) => { };
        AssertNoGarbage(i => _doc.GetText("t").Insert((i * 7919) % (i + 1), "k"), Splitting);
    }

    [Fact]
    public void Typing_and_deleting_what_was_typed()
    {
        _doc.Updated += (_, _) => { };
        YText text = _doc.GetText("t");
        AssertNoGarbage(i =>
        {
            text.Insert(text.Length / 2, "k");
            if (i % 2 == 1)
                text.Delete(text.Length / 3, 1);
        }, Splitting);
    }

    [Fact]
    public void The_keystrokes_of_somebody_else()
    {
        YDoc other = new(new YDocOptions { ClientId = 2 });
        List<byte[]> updates = [];
        other.Updated += (update, _) => updates.Add(update.ToArray());
        for (int i = 0; i < Warm + Measured; i++)
            other.GetText("t").Insert((i * 7919) % (i + 1), "k");
        _doc.Updated += (_, _) => { };
        AssertNoGarbage(i => _doc.ApplyUpdate(updates[i]), Splitting);
        Assert.Equal(other.GetText("t").ToString(), _doc.GetText("t").ToString());
    }

    private static void AssertNoGarbage(Action<int> keystroke, int bytes)
    {
        for (int i = 0; i < Warm; i++)
            keystroke(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = Warm; i < Warm + Measured; i++)
            keystroke(i);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= (long)bytes * Measured, $"{allocated} bytes for {Measured} keystrokes");
    }
}
