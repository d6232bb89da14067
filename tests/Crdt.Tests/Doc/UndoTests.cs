using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Undo and redo among changes of others.</summary>
public sealed class UndoTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });
    private readonly UndoManagerOptions _apart = new() { CaptureTimeout = TimeSpan.Zero };

    [Fact]
    public void Undoing_and_redoing_a_deletion_makes_a_new_item()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "abc");
        using UndoManager undo = new([text], _apart);
        text.Insert(3, "d");
        Assert.NotNull(undo.Undo());
        Assert.Equal("abc", text.ToString());
        Assert.NotNull(undo.Redo());
        Assert.Equal("abcd", text.ToString());
        Assert.Null(undo.Redo());
    }

    [Fact]
    public void Changes_of_others_stay()
    {
        YText text = _doc.GetText("t");
        using UndoManager undo = new([text], _apart);
        text.Insert(0, "mine");
        YDoc other = new(new YDocOptions { ClientId = 2 });
        other.ApplyUpdate(_doc.EncodeStateAsUpdate());
        other.GetText("t").Insert(4, " yours");
        _doc.ApplyUpdate(other.EncodeStateAsUpdate(), "remote");
        undo.Undo();
        Assert.Equal(" yours", text.ToString());
        undo.Redo();
        Assert.Equal("mine yours", text.ToString());
    }

    [Fact]
    public void A_deleted_map_comes_back_with_everything_in_it()
    {
        YMap root = _doc.GetMap("m");
        YMap inner = new();
        inner.Set("text", new YText("hello"));
        root.Set("inner", inner);
        using UndoManager undo = new([root], _apart);
        root.Delete("inner");
        undo.Undo();
        Assert.Equal("""{"inner":{"text":"hello"}}""", root.ToJson().ToString());
    }

    [Fact]
    public void Changes_close_together_are_undone_together_until_capturing_stops()
    {
        YText text = _doc.GetText("t");
        using UndoManager undo = new([text], new UndoManagerOptions { CaptureTimeout = TimeSpan.FromDays(1) });
        text.Insert(0, "a");
        text.Insert(1, "b");
        undo.StopCapturing();
        text.Insert(2, "c");
        Assert.Equal(2, undo.UndoStack.Count);
        undo.Undo();
        Assert.Equal("ab", text.ToString());
        undo.Undo();
        Assert.Equal("", text.ToString());
    }

    [Fact]
    public void Only_tracked_origins_are_recorded()
    {
        YText text = _doc.GetText("t");
        using UndoManager undo = new([text], _apart with { TrackedOrigins = ["me", typeof(Uri)] });
        text.Insert(0, "a");
        Assert.False(undo.CanUndo);
        _doc.Transact(_ => text.Insert(1, "b"), "me");
        _doc.Transact(_ => text.Insert(2, "c"), new Uri("http://localhost"));
        Assert.Equal(2, undo.UndoStack.Count);
    }
}
