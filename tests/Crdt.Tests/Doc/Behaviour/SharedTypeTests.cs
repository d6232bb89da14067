using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Shared types as objects: before they are part of a document, in it, and after their deletion.</summary>
public sealed class SharedTypeTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public void A_preliminary_type_keeps_what_is_put_into_it()
    {
        YText text = new("b");
        text.Insert(0, "a");
        text.Format(0, 1, new YObject { ["bold"] = true });
        text.InsertEmbed(2, new YObject { ["e"] = 1 });
        text.Delete(1, 1);
        text.SetAttribute("lang", "en");
        YMap map = new();
        map.Set("gone", 1);
        map.Set("k", 2);
        map.Delete("gone");
        YArray array = new(1, 2);
        array.Push(3);
        array.Delete(0);
        array.Insert(0, text, map);
        Assert.Null(array.Doc);
        Assert.Equal(4, array.Count);
        _doc.GetArray("a").Push(array);
        Assert.Same(_doc, text.Doc);
        Assert.Same(array, text.Parent);
        Assert.Equal("""["a",{"k":2},2,3]""", array.ToJson().ToString());
        Assert.Equal(2, text.Length);
        Assert.Equal("en", text.GetAttribute("lang").AsString());
        Assert.Equal(
            """[{"insert":"a","attributes":{"bold":true}},{"insert":{"e":1}}]""", YValue.FromArray([.. text.ToDelta().Select(op => op.ToJson())]).ToString());
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void The_same_object_comes_out_as_went_in()
    {
        YMap map = new();
        YArray array = _doc.GetArray("a");
        array.Push(map);
        Assert.Same(map, array[0].AsType());
        Assert.Same(array, _doc.GetArray("a"));
        Assert.Same(array, map.Parent);
        Assert.Null(array.Parent);
        YDoc peer = new();
        peer.ApplyUpdate(_doc.EncodeStateAsUpdate());
        Assert.Same(peer.GetArray("a")[0].AsType(), peer.GetArray("a")[0].AsType());
    }

    [Fact]
    public void A_type_is_part_of_one_place_only()
    {
        YMap map = new();
        YArray array = _doc.GetArray("a");
        array.Push(map);
        string before = Bytes.ToHex(_doc.EncodeStateAsUpdate());
        Assert.Throws<ArgumentException>(() => array.Push(map));
        Assert.Throws<ArgumentException>(() => array.Push(1, map));
        Assert.Throws<ArgumentException>(() => _doc.GetMap("m").Set("k", map));
        Assert.Throws<ArgumentException>(() => _doc.GetText("t").InsertEmbed(0, map));
        Assert.Throws<ArgumentException>(() => new YDoc().GetArray("a").Push(map));
        Assert.Equal(before, Bytes.ToHex(_doc.EncodeStateAsUpdate()));
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void A_name_stands_for_one_kind_of_root()
    {
        _doc.GetText("t").Insert(0, "x");
        Assert.Throws<InvalidOperationException>(() => _doc.GetArray("t"));
        Assert.Equal("x", _doc.GetText("t").ToString());
        YDoc peer = new();
        peer.ApplyUpdate(_doc.EncodeStateAsUpdate());
        Assert.Equal("x", peer.GetXmlFragment("t").ToString());
        Assert.Throws<InvalidOperationException>(() => peer.GetText("t"));
    }

    [Fact]
    public void A_root_nobody_has_asked_for_is_kept_and_can_be_asked_for_later()
    {
        _doc.GetMap("m").Set("k", new YText("deep"));
        YDoc relay = new();
        relay.ApplyUpdate(_doc.EncodeStateAsUpdate());
        Assert.Equal(_doc.EncodeStateAsUpdate(), relay.EncodeStateAsUpdate());
        Assert.Equal("""{"k":"deep"}""", relay.GetMap("m").ToJson().ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_deleted_type_is_known_as_deleted_and_takes_no_changes_with_it(bool gc)
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, Gc = gc });
        YMap map = new();
        YText text = new("inner");
        YArray array = doc.GetArray("a");
        array.Push(map);
        map.Set("t", text);
        array.Delete(0);
        Assert.True(map.IsDeleted);
        Assert.True(text.IsDeleted);
        Assert.False(array.IsDeleted);
        Exception? refused = Record.Exception(() => map.Set("k", 1));
        Exception? alsoRefused = Record.Exception(() => text.Insert(0, "x"));
        Assert.Equal(gc, refused is InvalidOperationException);
        Assert.Equal(gc, alsoRefused is InvalidOperationException);
        Assert.Empty(map);
        Assert.Equal("[]", array.ToJson().ToString());
        Assert.Equal(0, text.Length);
        DocInvariants.Check(doc);
    }

    [Fact]
    public void Wrong_indices_are_refused_and_change_nothing()
    {
        YText text = _doc.GetText("t");
        YArray array = _doc.GetArray("a");
        YXmlFragment fragment = _doc.GetXmlFragment("x");
        text.Insert(0, "abc");
        array.Push(1, 2);
        fragment.Push(new YXmlElement("p"));
        byte[] before = _doc.EncodeStateAsUpdate();
        Action[] wrong =
        [
            () => text.Insert(-1, "x"), () => text.Insert(4, "x"), () => text.Delete(2, 2), () => text.Delete(-1, 1), () => text.Delete(0, -1),
            () => text.Delete(1, int.MaxValue), () => text.Format(4, 1, []), () => text.Format(0, -1, []), () => text.InsertEmbed(5, 1),
            () => array.Insert(3, 1), () => array.Insert(-1, 1), () => array.Delete(2), () => array.Delete(0, 3), () => array.Delete(1, int.MaxValue),
            () => fragment.Insert(2, new YXmlText()), () => fragment.Delete(1), () => _ = fragment[1], () => _ = array[2], () => _ = array[-1],
        ];
        foreach (Action action in wrong)
            Assert.Throws<ArgumentOutOfRangeException>(action);
        Assert.Throws<KeyNotFoundException>(() => _doc.GetMap("m")["none"]);
        Assert.Equal(before, _doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void A_refused_value_in_the_middle_of_an_insertion_changes_nothing()
    {
        YArray array = _doc.GetArray("a");
        array.Push("keep");
        byte[] before = _doc.EncodeStateAsUpdate();
        Assert.Throws<ArgumentException>(() => array.Insert(0, 1, new byte[] { 1 }, YValue.Undefined));
        Assert.Throws<ArgumentException>(() => array.Push(new byte[] { 1 }, YValue.BigInt(1)));
        Assert.Throws<ArgumentException>(() => _doc.GetMap("m").Set("k", YValue.FromArray([new YText()])));
        Assert.Equal(before, _doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void A_list_reads_the_same_by_index_by_enumeration_and_as_an_array()
    {
        YArray array = _doc.GetArray("a");
        for (int i = 0; i < 300; i++)
            array.Insert(i / 2, i, new byte[] { (byte)i });
        array.Delete(100, 150);
        YValue[] values = array.ToArray();
        Assert.Equal(values, array);
        Assert.Equal(values, Enumerable.Range(0, array.Count).Select(i => array[i]));
        Assert.Equal(450, array.Count);
    }

    [Fact]
    public void A_map_reads_the_same_by_key_by_enumeration_and_by_count()
    {
        YMap map = _doc.GetMap("m");
        for (int i = 0; i < 100; i++)
            map[$"k{i % 30}"] = i;
        for (int i = 0; i < 30; i += 2)
            map.Delete($"k{i}");
        Assert.Equal(15, map.Count);
        Assert.All(map, entry => Assert.Equal(entry.Value, map[entry.Key]));
        Assert.True(map.ContainsKey("k1"));
        Assert.False(map.ContainsKey("k2"));
        Assert.False(map.TryGetValue("never", out _));
    }

    [Fact]
    public void XML_nodes_know_their_children_attributes_and_parents()
    {
        YXmlFragment fragment = _doc.GetXmlFragment("x");
        YXmlElement list = new("UL");
        YXmlElement item = new("li");
        YXmlText text = new("one");
        item.Push(text);
        list.Push(item, new YXmlHook("widget"));
        fragment.Push(list);
        list.SetAttribute("class", "plain");
        Assert.Equal([item, list[1]], list.ToArray());
        Assert.Equal("widget", Assert.IsType<YXmlHook>(list[1]).HookName);
        Assert.Equal("UL", list.NodeName);
        Assert.Same(item, text.Parent);
        Assert.Equal(new YObject { ["class"] = "plain" }, list.GetAttributes());
        Assert.True(list.GetAttribute("none").IsUndefined);
        text.Insert(3, "!");
        Assert.Equal("<ul class=\"plain\"><li>one!</li>[object Object]</ul>", fragment.ToString());
    }
}
