using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Documents inside documents: the sequences of events were printed by yjs 13.6.33.</summary>
public sealed class SubdocumentTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1, CollectionId = "col" });
    private readonly List<string> _events = [];

    public SubdocumentTests() => _doc.SubdocsChanged += (change, _) => _events.Add(Print(change));

    [Fact]
    public void Adding_asking_for_destroying_and_asking_again()
    {
        YMap map = _doc.GetMap("m");
        YDoc a = New("a");
        map.Set("a", a);
        Expect("a||a");
        a.Load();
        Expect();
        a.Destroy();
        Expect("a|a|");
        YDoc fresh = map["a"].AsDocument();
        Assert.NotSame(a, fresh);
        Assert.True(a.IsDestroyed);
        Assert.False(fresh.IsDestroyed);
        Assert.False(fresh.ShouldLoad);
        Assert.Equal("a", fresh.Guid);
        Assert.Equal([fresh], _doc.Subdocs);
        fresh.Load();
        Expect("||a");
        Assert.True(fresh.ShouldLoad);
    }

    [Fact]
    public void A_lazy_subdocument_is_loaded_when_it_is_asked_for()
    {
        YMap map = _doc.GetMap("m");
        map.Set("b", new YDoc(new YDocOptions { Guid = "b", ShouldLoad = false }));
        Expect("b||");
        map["b"].AsDocument().Load();
        Expect("||b");
    }

    [Fact]
    public void Replaced_and_deleted_subdocuments_are_destroyed()
    {
        YMap map = _doc.GetMap("m");
        YDoc a = New("a");
        YDoc b = New("b");
        map.Set("a", a);
        map.Set("b", b);
        _events.Clear();
        map.Set("a", New("c"));
        Assert.Equal("c|a|c", _events[0]);
        Assert.True(a.IsDestroyed);
        map.Delete("b");
        Assert.Contains("|b|", _events);
        Assert.True(b.IsDestroyed);
        Assert.Equal("c", Assert.Single(_doc.Subdocs).Guid);
    }

    [Fact]
    public void What_is_added_and_deleted_in_one_transaction_was_never_there()
    {
        YMap map = _doc.GetMap("m");
        _doc.Transact(_ =>
        {
            map.Set("z", New("z"));
            map.Delete("z");
        });
        Expect("||z");
        Assert.Empty(_doc.Subdocs);
    }

    [Fact]
    public void A_peer_gets_the_subdocument_with_its_options_but_not_its_content()
    {
        YMap map = _doc.GetMap("m");
        YDoc auto = new(new YDocOptions { Guid = "auto", AutoLoad = true, Gc = false, Meta = new YObject { ["x"] = 1 } });
        auto.GetText("t").Insert(0, "content");
        map.Set("auto", auto);
        map.Set("plain", New("plain"));

        YDoc peer = new(new YDocOptions { ClientId = 2, CollectionId = "col2" });
        peer.SubdocsChanged += (change, _) => _events.Add("peer " + Print(change));
        _events.Clear();
        peer.ApplyUpdateV2(_doc.EncodeStateAsUpdateV2());
        Expect("peer auto,plain||auto");
        YDoc theirs = peer.GetMap("m")["auto"].AsDocument();
        Assert.Equal("auto", theirs.Guid);
        Assert.True(theirs.AutoLoad);
        Assert.True(theirs.ShouldLoad);
        Assert.False(theirs.Gc);
        Assert.Equal(new YObject { ["x"] = 1 }, theirs.Meta);
        Assert.Equal(2UL, theirs.ClientId);
        Assert.Equal("col2", theirs.CollectionId);
        Assert.Equal("", theirs.GetText("t").ToString());
        YDoc plain = peer.GetMap("m")["plain"].AsDocument();
        Assert.False(plain.ShouldLoad);
        theirs.ApplyUpdate(auto.EncodeStateAsUpdate());
        Assert.Equal("content", theirs.GetText("t").ToString());
    }

    [Fact]
    public void Subdocuments_in_deleted_types_go_with_them()
    {
        YArray array = _doc.GetArray("a");
        YMap inner = new();
        YDoc deep = New("deep");
        inner.Set("d", deep);
        array.Push(inner);
        Expect("deep||deep");
        array.Delete(0);
        Assert.Equal("|deep|", _events[0]);
        Assert.True(deep.IsDestroyed);
        Assert.Empty(_doc.Subdocs);
        DocInvariants.Check(_doc);
    }

    private static YDoc New(string guid) => new(new YDocOptions { Guid = guid });

    private static string Print(SubdocsEvent change) => string.Join('|', new[] { change.Added, change.Removed, change.Loaded }
        .Select(docs => string.Join(',', docs.Select(doc => doc.Guid).Order(StringComparer.Ordinal))));

    private void Expect(params string[] events)
    {
        Assert.Equal(events, _events);
        _events.Clear();
    }
}
