using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Going through XML nodes.</summary>
public sealed class XmlNodeTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1, Gc = false });
    private readonly YXmlFragment _root;

    public XmlNodeTests()
    {
        _root = _doc.GetXmlFragment("xml");
        YXmlElement list = new("ul");
        list.Push(Item("one"), Item("two"));
        _root.Push(new YXmlElement("p"), list, new YXmlText("tail"), new YXmlHook("chart"));
    }

    [Fact]
    public void Siblings_leave_out_what_was_deleted()
    {
        YXmlElement first = (YXmlElement)_root[0];
        YXmlText text = (YXmlText)_root[2];
        Assert.Same(_root[1], first.NextSibling);
        Assert.Null(first.PreviousSibling);
        Assert.Same(_root[3], text.NextSibling);
        Assert.Same(_root[1], text.PreviousSibling);
        _root.Delete(1);
        Assert.Same(text, first.NextSibling);
        Assert.Same(first, text.PreviousSibling);
    }

    [Fact]
    public void What_is_no_child_of_a_list_has_no_siblings()
    {
        YXmlElement alone = new("p");
        Assert.Null(alone.NextSibling);
        _doc.GetMap("map").Set("p", alone);
        _doc.GetMap("map").Set("p", new YXmlElement("q"));
        Assert.Null(((YXmlElement)_doc.GetMap("map")["p"].AsType()).PreviousSibling);
        YText text = _doc.GetText("text");
        text.Insert(0, "ab");
        text.InsertEmbed(1, new YXmlElement("img"));
        Assert.Null(((YXmlElement)text.ToDelta()[1].Insert.AsType()).NextSibling);
        Assert.Null(_doc.GetXmlElement("root").NextSibling);
    }

    [Fact]
    public void The_first_child_is_the_first_that_is_left()
    {
        Assert.Equal("p", ((YXmlElement)_root.FirstChild!).NodeName);
        _root.Delete(0);
        Assert.Equal("ul", ((YXmlElement)_root.FirstChild!).NodeName);
        _root.Delete(0, 3);
        Assert.Null(_root.FirstChild);
        Assert.Null(new YXmlFragment().FirstChild);
    }

    [Fact]
    public void A_walk_visits_parents_before_children_and_the_children_of_those_left_out()
    {
        static string Name(YType node) => node switch { YXmlElement e => e.NodeName, YXmlHook h => $"#{h.HookName}", _ => node.ToString()! };
        Assert.Equal(["p", "ul", "li", "one", "li", "two", "tail", "#chart"], _root.CreateTreeWalker().Select(Name));
        Assert.Equal(["one", "two", "tail"], _root.CreateTreeWalker(node => node is YXmlText).Select(Name));
        Assert.Equal(["li", "one", "li", "two"], ((YXmlFragment)_root[1]).CreateTreeWalker().Select(Name));
    }

    [Fact]
    public void Elements_are_found_by_name_in_any_case()
    {
        Assert.Same(((YXmlFragment)_root[1])[0], _root.QuerySelector("LI"));
        Assert.Equal(2, _root.QuerySelectorAll("Li").Count);
        Assert.Null(_root.QuerySelector("table"));
        Assert.Empty(((YXmlFragment)_root[1]).QuerySelectorAll("ul"));
    }

    [Fact]
    public void Children_are_inserted_behind_others_and_at_the_start()
    {
        _root.InsertAfter(_root[0], new YXmlElement("b"), new YXmlElement("c"));
        _root.InsertAfter(null, new YXmlElement("a"));
        _root.Unshift(new YXmlElement("z"));
        Assert.Equal("<z></z><a></a><p></p><b></b><c></c>", string.Concat(_root.Slice(0, 5).Select(node => node.ToString())));
        Assert.Throws<ArgumentException>(() => _root.InsertAfter(new YXmlElement("no child"), new YXmlElement("x")));
        YXmlFragment preliminary = new();
        YXmlElement first = new("1");
        preliminary.Push(first);
        preliminary.InsertAfter(first, new YXmlElement("2"));
        Assert.Equal(2, preliminary.Count);
    }

    [Fact]
    public void Attributes_can_be_read_as_they_were()
    {
        YXmlElement element = (YXmlElement)_root[0];
        element.SetAttribute("class", "x");
        Snapshot then = _doc.GetSnapshot();
        element.SetAttribute("class", "y");
        element.SetAttribute("id", "z");
        element.RemoveAttribute("class");
        Assert.False(element.HasAttribute("class"));
        Assert.True(element.HasAttribute("id"));
        Assert.Equal("{\"class\":\"x\"}", YValue.FromObject(element.GetAttributes(then)).ToString());
        Assert.Throws<InvalidOperationException>(() => new YXmlElement().GetAttributes(then));
    }

    private static YXmlElement Item(string text)
    {
        YXmlElement item = new("li");
        item.Push(new YXmlText(text));
        return item;
    }
}
