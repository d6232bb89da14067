using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Local changes make the bytes that Yjs makes. The vectors were printed by yjs 13.6.33 with client id 1.</summary>
public sealed class LocalChangeVectorTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public void Inserting_and_deleting_text()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "hello");
        AssertState("0101 0100 04 0101 74 05 68656c6c6f 00");
        Assert.Equal("00 00 01 01 00 00 01 04 09 067468656c6c6f 0105 01 01 00 00 01 01 00 00".Replace(" ", "", StringComparison.Ordinal), Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        text.Delete(1, 2);
        AssertState("0103010004010174016881010002840102026c6f0101010102");
        Assert.Equal("hlo", text.ToString());
        Assert.Equal("000002410102000400050400810084080474686c6f41000201010001020103000101010101", Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
    }

    [Fact]
    public void Text_goes_behind_what_was_deleted_at_the_caret()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "abc");
        text.Delete(1, 1);
        text.Insert(1, "X");
        AssertState("01040100040101740161810100018401010163c40101010201580101010101");
    }

    [Fact]
    public void A_list_element_goes_in_front_of_what_was_deleted()
    {
        YArray array = _doc.GetArray("t");
        array.Insert(0, 1, 2, 3);
        array.Delete(1);
        array.Insert(1, "w");
        Assert.Equal("[1,\"w\",3]", array.ToJson().ToString());
        AssertState("0104010008010174017d0181010001880101017d03c801000101017701770101010101");
    }

    [Fact]
    public void Setting_a_key_twice()
    {
        YMap map = _doc.GetMap("m");
        map.Set("k", 1);
        map.Set("k", "x");
        AssertState("010201002101016d016b01a80100017701780101010001");
    }

    [Fact]
    public void Mixed_values_and_a_nested_map_in_an_array()
    {
        YArray array = _doc.GetArray("a");
        array.Insert(0, 1, "s", YValue.Null, true);
        array.Insert(4, YValue.FromByteArray([9, 8]));
        YMap nested = new();
        nested.Set("q", 1.5);
        array.Insert(5, nested);
        AssertState("0104010008010161047d017701737e7883010302090887010401280001050171017c3fc0000000");
        array.Delete(5);
        AssertState("0104010008010161047d017701737e788301030209088101040100010101010502");
    }

    [Fact]
    public void Bold_and_an_embed()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "abc");
        text.Format(1, 1, new YObject { ["bold"] = true });
        text.InsertEmbed(3, new YObject { ["img"] = "u" });
        Assert.Equal(
            """[{"insert":"a"},{"insert":"b","attributes":{"bold":true}},{"insert":"c"},{"insert":{"img":"u"}}]""",
            YValue.FromArray([.. text.ToDelta().Select(op => op.ToJson())]).ToString());
        AssertState(
            "0106010004010174016184010001628401010163c60100010104626f6c640474727565c60101010204626f6c64046e756c6c8501020b7b22696d67223a2275227d00");
    }

    [Fact]
    public void Inherited_formatting_and_text_without_it()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "ab", new YObject { ["bold"] = true });
        text.Insert(2, "c");
        text.Insert(3, "d", []);
        AssertState("010501000601017404626f6c64047472756584010002616286010204626f6c64046e756c6cc4010201030163840103016400");
    }

    [Fact]
    public void An_element_with_attributes_and_text()
    {
        YXmlElement element = new("P");
        element.SetAttribute("z", "1");
        element.SetAttribute("a", "2");
        YXmlFragment fragment = _doc.GetXmlFragment("x");
        fragment.Insert(0, element);
        element.Insert(0, new YXmlText("hi"));
        Assert.Equal("<p a=\"2\" z=\"1\">hi</p>", fragment.ToString());
        AssertState("010501000701017803015028000100017a017701312800010001610177013207000100060400010302686900");
    }

    [Fact]
    public void A_root_element_has_the_default_name()
    {
        YXmlElement root = _doc.GetXmlElement("x");
        root.SetAttribute("a", "1");
        Assert.Equal("<undefined a=\"1\"></undefined>", root.ToString());
        Assert.Equal("UNDEFINED", root.NodeName);
    }

    [Fact]
    public void A_subdocument_with_options()
    {
        YDoc subdoc = new(new YDocOptions { Guid = "sub1", Gc = false, AutoLoad = true, Meta = new YObject { ["a"] = 1 } });
        _doc.GetMap("m").Set("s", subdoc);
        AssertState("010101002901016d01730473756231760302676379086175746f4c6f616478046d657461760101617d0100");
        Assert.Equal([subdoc], _doc.Subdocs);
    }

    [Fact]
    public void A_nested_text_that_is_replaced_leaves_a_GC_struct()
    {
        YMap map = _doc.GetMap("m");
        map.Set("t", new YText("hello"));
        map.Set("t", "x");
        AssertState("010301002101016d0174010005a80100017701780101010006");
    }

    [Fact]
    public void An_insertion_inside_a_surrogate_pair_replaces_both_halves()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "\ud83d\ude00");
        text.Insert(1, "x");
        AssertState("010301000401017403efbfbd84010003efbfbdc401000101017800");
    }

    [Fact]
    public void Each_transaction_is_one_update()
    {
        List<string> updates = [];
        _doc.Updated += (update, _) => updates.Add(Bytes.ToHex(update.Span));
        YText text = _doc.GetText("t");
        text.Insert(0, "ab");
        text.Insert(2, "cd");
        text.Insert(1, "X");
        text.Delete(0, 1);
        _doc.Transact(_ => { });
        Assert.Equal(
            ["010101000401017402616200", "0101010284010102636400", "01010104c401000101015800", "000101010001"], updates);
    }

    [Fact]
    public void A_formatted_XML_text_shows_tags_sorted_by_name()
    {
        YXmlText text = new();
        text.Insert(0, "hi", new YObject { ["b"] = new YObject { ["z"] = 1, ["a"] = 2 }, ["a"] = new YObject() });
        _doc.GetXmlFragment("x").Insert(0, text);
        Assert.Equal("<a><b a=\"2\" z=\"1\">hi</b></a>", text.ToString());
    }

    private void AssertState(string hex) => Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Bytes.ToHex(_doc.EncodeStateAsUpdate()));
}
