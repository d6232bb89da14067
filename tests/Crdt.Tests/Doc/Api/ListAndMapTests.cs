using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Parts, past states and whole contents of arrays and maps.</summary>
public sealed class ListAndMapTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1, Gc = false });

    [Theory]
    [InlineData(0, null, "[1,2,3,4]")]
    [InlineData(1, 3, "[2,3]")]
    [InlineData(-2, null, "[3,4]")]
    [InlineData(-9, -1, "[1,2,3]")]
    [InlineData(2, 1, "[]")]
    [InlineData(9, 99, "[]")]
    public void A_slice_is_cut_as_in_JavaScript(int start, int? end, string expected)
    {
        YArray array = _doc.GetArray("a");
        array.Push(3, 4);
        array.Unshift(1, 2);
        Assert.Equal(expected, YValue.FromArray(array.Slice(start, end)).ToString());
        Assert.Equal(expected, YValue.FromArray(new YArray(1, 2, 3, 4).Slice(start, end)).ToString());
    }

    [Fact]
    public void An_array_can_be_read_as_it_was()
    {
        YArray array = _doc.GetArray("a");
        array.Push(1, "two", 3);
        Snapshot then = _doc.GetSnapshot();
        array.Delete(0, 2);
        array.Insert(0, "new");
        array.Push(4);
        Assert.Equal("[1,\"two\",3]", YValue.FromArray(array.ToArray(then)).ToString());
        Assert.Equal("[\"new\",3,4]", YValue.FromArray(array.ToArray(_doc.GetSnapshot())).ToString());
        Assert.Empty(array.ToArray(Snapshot.Empty));
        Assert.Throws<InvalidOperationException>(() => new YArray(1).ToArray(then));
    }

    [Fact]
    public void A_map_can_be_read_as_it_was()
    {
        YMap map = _doc.GetMap("m");
        map.Set("a", 1);
        map.Set("b", 1);
        map.Delete("b");
        Snapshot then = _doc.GetSnapshot();
        map.Set("a", 2);
        map.Set("b", 2);
        map.Set("c", 2);
        map.Delete("a");
        Assert.Equal("{\"a\":1}", YValue.FromObject(map.ToObject(then)).ToString());
        Assert.True(map.TryGetValue("a", then, out YValue value));
        Assert.Equal(1, value.AsInt64());
        Assert.False(map.TryGetValue("b", then, out _));
        Assert.False(map.TryGetValue("c", then, out _));
        Assert.Equal("{\"b\":2,\"c\":2}", YValue.FromObject(map.ToObject(_doc.GetSnapshot())).ToString());
    }

    [Fact]
    public void Clearing_a_map_is_one_transaction()
    {
        YMap map = _doc.GetMap("m");
        map.Set("a", 1);
        map.Set("b", new YText("x"));
        List<YEvent> events = [];
        int updates = 0;
        _doc.Updated += (_, _) => updates++;
        map.Observed += change =>
        {
            Assert.Equal(["a", "b"], change.KeysChanged.Order());
            Assert.All(change.Keys.Values, key => Assert.Equal(YKeyAction.Delete, key.Action));
            events.Add(change);
        };
        map.Clear();
        Assert.Empty(map);
        Assert.Single(events);
        Assert.Equal(1, updates);
        YMap preliminary = new(map) { ["x"] = 1 };
        preliminary.Clear();
        Assert.Empty(preliminary);
    }

    [Fact]
    public void Types_know_their_place()
    {
        YMap map = new();
        _doc.GetArray("a").Push(map);
        map.Set("t", new YText("x"));
        YType text = map["t"].AsType();
        Assert.Equal("a", _doc.GetArray("a").RootName);
        Assert.Null(map.RootName);
        Assert.True(_doc.GetArray("a").IsAncestorOf(text));
        Assert.True(map.IsAncestorOf(text));
        Assert.False(map.IsAncestorOf(map));
        Assert.False(text.IsAncestorOf(map));
        Assert.False(_doc.GetMap("other").IsAncestorOf(text));
        Assert.Equal(["a", "other"], _doc.RootNames);
    }
}
