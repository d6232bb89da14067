using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Copies of shared types.</summary>
public sealed class CloneTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public void A_copy_holds_the_same_at_every_depth_and_goes_its_own_way()
    {
        YArray array = _doc.GetArray("a");
        YMap map = new(new Dictionary<string, YValue> { ["n"] = 1, ["list"] = new YArray(1, "x", new byte[] { 7 }) });
        array.Push(map, new YText("plain"), YValue.FromArray(1, 2), true);
        YArray copy = array.Clone();
        _doc.GetMap("m").Set("copy", copy);
        Assert.Equal(array.ToJson().ToString(), copy.ToJson().ToString());
        ((YMap)copy[0].AsType()).Set("n", 2);
        ((YText)copy[1].AsType()).Insert(0, "more ");
        Assert.Equal(1, ((YMap)array[0].AsType())["n"].AsInt64());
        Assert.Equal("plain", array[1].AsType().ToString());
        YDoc other = new();
        other.GetArray("b").Push(copy.Clone());
        Assert.Equal(copy.ToJson().ToString(), other.GetArray("b")[0].AsType().ToJson().ToString());
    }

    [Fact]
    public void A_text_keeps_its_formatting_and_what_is_embedded()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "bold", new YObject { ["b"] = true });
        text.Insert(4, "plain", new YObject());
        text.InsertEmbed(4, new YMap(new Dictionary<string, YValue> { ["k"] = "v" }), new YObject { ["i"] = YValue.FromArray(1) });
        text.SetAttribute("own", 1);
        YText copy = text.Clone();
        _doc.GetMap("m").Set("copy", copy);
        Assert.Equal(
            text.ToDelta().Select(op => (op with { Insert = Plain(op) }).ToJson().ToString()),
            copy.ToDelta().Select(op => (op with { Insert = Plain(op) }).ToJson().ToString()));
        Assert.Empty(copy.GetAttributes());
        Assert.NotSame(text.ToDelta()[1].Insert.AsType(), copy.ToDelta()[1].Insert.AsType());
    }

    [Fact]
    public void Xml_nodes_of_every_kind_are_copied()
    {
        YXmlElement element = new("P");
        _doc.GetXmlFragment("x").Push(element);
        element.SetAttribute("class", "c");
        element.Push(new YXmlText("text"), new YXmlElement("br"), new YXmlHook("hook"));
        ((YXmlText)element[0]).Format(0, 2, new YObject { ["b"] = new YObject { ["w"] = 2 } });
        ((YXmlHook)element[2]).Set("k", 1);
        YXmlFragment copy = _doc.GetXmlFragment("x").Clone();
        _doc.GetMap("m").Set("copy", copy);
        Assert.Equal(_doc.GetXmlFragment("x").ToString(), copy.ToString());
        YXmlHook hook = (YXmlHook)((YXmlElement)copy[0])[2];
        Assert.Equal("hook", hook.HookName);
        Assert.Equal(1, hook["k"].AsInt64());
        Assert.Equal("P", ((YXmlElement)copy[0]).NodeName);
        _ = new YType[] { element.Clone(), ((YXmlText)element[0]).Clone(), hook.Clone() };
    }

    [Fact]
    public void A_subdocument_is_another_one_of_the_same_name()
    {
        YDoc sub = new(new YDocOptions { Guid = "g", Meta = 5, AutoLoad = true });
        _doc.GetMap("m").Set("sub", sub);
        _doc.GetMap("n").Set("copy", _doc.GetMap("m").Clone());
        YDoc copy = ((YMap)_doc.GetMap("n")["copy"].AsType())["sub"].AsDocument();
        Assert.NotSame(sub, copy);
        Assert.Equal(("g", true, 5L), (copy.Guid, copy.AutoLoad, copy.Meta.AsInt64()));
    }

    [Fact]
    public void What_is_in_no_document_cannot_be_copied()
    {
        Assert.Throws<InvalidOperationException>(() => new YText("x").Clone());
        YMap map = new();
        _doc.GetArray("a").Push(map);
        _doc.GetArray("a").Delete(0);
        Assert.Throws<InvalidOperationException>(() => map.Clone());
    }

    [Fact]
    public void Depth_costs_no_stack()
    {
        YDoc deep = new(new YDocOptions { MaxDepth = int.MaxValue });
        YArray inner = deep.GetArray("a");
        for (int i = 0; i < 20_000; i++)
        {
            YArray next = new();
            inner.Push(next);
            inner = next;
        }

        YArray copy = deep.GetArray("a").Clone();
        Assert.Single(copy);
    }

    private static YValue Plain(YDeltaOp op) => op.Insert.Kind == YValueKind.Type ? op.Insert.AsType().ToJson() : op.Insert;
}
