using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What observers are told.</summary>
public sealed class EventTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public void A_text_tells_what_was_inserted_deleted_and_formatted()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "hello world");
        string? delta = null;
        text.Observed += change => delta = Json(change.Delta);
        _doc.Transact(_ =>
        {
            text.Delete(0, 6);
            text.Insert(0, "big ");
            text.Format(4, 2, new YObject { ["bold"] = true });
        });
        Assert.Equal("""[{"delete":6},{"insert":"big "},{"retain":2,"attributes":{"bold":true}}]""", delta);
    }

    [Fact]
    public void A_list_tells_its_steps_and_a_map_its_keys()
    {
        YArray array = _doc.GetArray("a");
        YMap map = _doc.GetMap("m");
        array.Push(1, 2, 3);
        map.Set("gone", 1);
        map.Set("other", 1);
        string? delta = null;
        string? keys = null;
        array.Observed += change => delta = Json(change.Delta);
        map.Observed += change => keys = string.Join(' ', change.Keys.Select(key => $"{key.Key}:{key.Value.Action}:{key.Value.OldValue}"));
        _doc.Transact(_ =>
        {
            array.Delete(1);
            array.Insert(2, "x", "y");
            map.Delete("gone");
            map.Set("other", 2);
            map.Set("new", 3);
        });
        Assert.Equal("""[{"retain":1},{"delete":1},{"retain":1},{"insert":["x","y"]}]""", delta);
        Assert.Equal("gone:Delete:1 other:Update:1 new:Add:undefined", keys);
    }

    [Fact]
    public void Deep_observers_get_the_path_to_what_changed()
    {
        YArray array = _doc.GetArray("a");
        YMap map = new();
        array.Insert(0, "first", map);
        map.Set("text", new YText("x"));
        List<string> paths = [];
        array.ObservedDeep += changes => paths.AddRange(changes.Select(change => YValue.FromArray([.. change.Path]).ToString()));
        _doc.Transact(_ =>
        {
            ((YText)map["text"].AsType()).Insert(0, "y");
            array.Insert(0, "zero");
        });
        Assert.Equal(["[]", """[2,"text"]"""], paths);
    }

    [Fact]
    public void An_event_cannot_be_read_after_its_transaction()
    {
        YText text = _doc.GetText("t");
        YEvent? kept = null;
        text.Observed += change => kept = change;
        text.Insert(0, "a");
        Assert.Throws<InvalidOperationException>(() => kept!.Delta);
    }

    [Fact]
    public void A_change_made_by_an_observer_is_a_transaction_of_its_own()
    {
        YText text = _doc.GetText("t");
        int updates = 0;
        _doc.Updated += (_, _) => updates++;
        text.Observed += _ =>
        {
            if (text.Length < 3)
                text.Insert(text.Length, "!");
        };
        text.Insert(0, "a");
        Assert.Equal("a!!", text.ToString());
        Assert.Equal(3, updates);
    }

    [Fact]
    public void A_handler_that_throws_keeps_nothing_from_happening()
    {
        YText text = _doc.GetText("t");
        int updates = 0;
        text.Observed += _ => throw new InvalidOperationException("observer");
        _doc.Updated += (_, _) => updates++;
        Assert.Throws<InvalidOperationException>(() => text.Insert(0, "a"));
        Assert.Equal(1, updates);
        Assert.Equal("a", text.ToString());
    }

    private static string Json(IReadOnlyList<YDeltaOp> delta) => YValue.FromArray([.. delta.Select(op => op.ToJson())]).ToString();
}
