using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What documents, transactions and undo managers tell about themselves.</summary>
public sealed class DocumentApiTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public async Task Loading_and_syncing_are_what_the_provider_says()
    {
        List<string> raised = [];
        _doc.Loaded += doc => raised.Add("loaded");
        _doc.Synced += (synced, doc) => raised.Add(synced ? "synced" : "lost");
        Task loaded = _doc.WhenLoaded;
        Task synced = _doc.WhenSynced;
        Assert.False(loaded.IsCompleted || synced.IsCompleted || _doc.IsLoaded || _doc.IsSynced);
        _doc.NotifySynced();
        await loaded;
        await synced;
        Assert.True(_doc.IsLoaded && _doc.IsSynced);
        _doc.NotifySynced(false);
        Assert.True(_doc.IsLoaded && !_doc.IsSynced);
        Task again = _doc.WhenSynced;
        Assert.False(again.IsCompleted);
        _doc.NotifySynced();
        await again;
        await _doc.WhenLoaded;
        Assert.Equal(["loaded", "synced", "lost", "synced"], raised);
    }

    [Fact]
    public void A_transaction_hands_on_a_result()
    {
        Assert.Equal(5, _doc.Transact(_ =>
        {
            _doc.GetText("t").Insert(0, "hello");
            return _doc.GetText("t").Length;
        }));
        Assert.Throws<FormatException>(() => _doc.Transact<int>(_ => throw new FormatException()));
    }

    [Fact]
    public void A_transaction_tells_what_it_did()
    {
        YMap map = _doc.GetMap("m");
        map.Set("a", new YMap(new Dictionary<string, YValue> { ["x"] = 1 }));
        YMap inner = (YMap)map["a"].AsType();
        int seen = 0;
        _doc.AfterTransaction += transaction =>
        {
            if (seen++ > 0)
                return;
            Assert.Equal(2U, transaction.BeforeState[1]);
            Assert.Equal(3U, transaction.AfterState[1]);
            Assert.Equal([new ClockRange(1, 1, 2)], transaction.DeleteSet);
            Assert.Equal([inner], transaction.Changed);
            Assert.Equal([inner, map], transaction.ChangedParentTypes);

            // What another transaction of the chain does is not this one's.
            _doc.GetText("t").Insert(0, "more");
            Assert.Equal(3U, transaction.AfterState[1]);
        };
        inner.Set("x", 2);
        Assert.Equal(7U, _doc.GetStateVector()[1]);
    }

    [Fact]
    public void An_event_tells_whose_units_are_new_or_deleted()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "abc");
        YEvent? kept = null;
        text.Observed += change =>
        {
            kept = change;
            Assert.True(change.Adds(new Id(1, 3)));
            Assert.False(change.Adds(new Id(1, 2)));
            Assert.False(change.Adds(new Id(1, 4)));
            Assert.False(change.Adds(new Id(2, 0)));
            Assert.True(change.Deletes(new Id(1, 1)));
            Assert.False(change.Deletes(new Id(1, 0)));
            Assert.Empty(change.KeysChanged);
        };
        _doc.Transact(_ =>
        {
            text.Delete(1, 1);
            text.Insert(0, "x");
        });
        Assert.Throws<InvalidOperationException>(() => kept!.Adds(new Id(1, 3)));
    }

    [Fact]
    public void Undo_events_name_what_an_editor_has_to_look_at()
    {
        YArray array = _doc.GetArray("a");
        YText text = new("x");
        array.Push(text);
        UndoManager undo = new([array], new UndoManagerOptions { CaptureTimeout = TimeSpan.Zero });
        List<string> raised = [];
        void Note(string what, UndoEvent change)
        {
            Assert.Equal([text, array], change.ChangedParentTypes);
            raised.Add($"{what} {undo.IsUndoing} {undo.IsRedoing} {ReferenceEquals(undo.CurrentStackItem, change.StackItem)}");
        }

        undo.StackItemAdded += change => Note("added", change);
        undo.StackItemPopped += change => Note("popped", change);
        text.Insert(1, "y");
        undo.Undo();
        undo.Redo();
        Assert.Equal(
            ["added False False False", "added True False False", "popped True False True", "added False True False", "popped False True True"],
            raised);
        Assert.Null(undo.CurrentStackItem);
        Assert.False(undo.IsUndoing || undo.IsRedoing);
        Assert.Equal([array], undo.Scope);
        Assert.Same(_doc, undo.Document);
    }

    [Fact]
    public void Subdocuments_are_listed_by_guid()
    {
        _doc.GetMap("m").Set("a", new YDoc(new YDocOptions { Guid = "g1" }));
        _doc.GetMap("m").Set("b", new YDoc(new YDocOptions { Guid = "g2" }));
        Assert.Equal(["g1", "g2"], _doc.SubdocGuids.Order());
    }

    [Fact]
    public void A_snapshot_contains_the_updates_up_to_it()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, Gc = false });
        doc.GetText("t").Insert(0, "ab");
        byte[] first = doc.EncodeStateAsUpdate();
        Snapshot before = doc.GetSnapshot();
        doc.GetText("t").Delete(0, 1);
        byte[] deletion = doc.EncodeStateAsUpdate();
        Snapshot after = doc.GetSnapshot();
        doc.GetText("t").Insert(1, "c");
        byte[] last = doc.EncodeStateAsUpdateV2();
        Assert.True(before.ContainsUpdate(first));
        Assert.False(before.ContainsUpdate(deletion));
        Assert.True(after.ContainsUpdate(first));
        Assert.True(after.ContainsUpdate(deletion));
        Assert.False(after.ContainsUpdateV2(last));
        Assert.True(doc.GetSnapshot().ContainsUpdateV2(last));
        Assert.True(Snapshot.Empty.ContainsUpdate([0, 0]));
        Assert.Throws<MalformedUpdateException>(() => after.ContainsUpdate([1]));
    }

    [Fact]
    public void A_relative_position_comes_back_from_json()
    {
        _doc.GetText("t").Insert(0, "abc");
        _doc.GetArray("a").Push(new YText("inner"));
        foreach (YType type in new[] { _doc.GetText("t"), _doc.GetArray("a")[0].AsType() })
        {
            foreach ((int index, int assoc) in new[] { (0, 0), (1, -1), (3, 0), (0, -1) })
            {
                RelativePosition position = RelativePosition.Create(type, index, assoc);
                Assert.Equal(position, RelativePosition.FromJson(YValue.ParseJson(position.ToJson().ToString())));
            }
        }

        Assert.Equal(new RelativePosition(null, "t", null, 0), RelativePosition.FromJson(YValue.ParseJson("{\"tname\":\"t\",\"item\":null}")));
        foreach (string wrong in new[] { "1", "{\"item\":7}", "{\"item\":{\"client\":1}}", "{\"type\":{\"client\":-1,\"clock\":0}}", "{\"item\":{\"client\":1,\"clock\":1e10}}" })
            Assert.Throws<FormatException>(() => RelativePosition.FromJson(YValue.ParseJson(wrong)));
    }
}
