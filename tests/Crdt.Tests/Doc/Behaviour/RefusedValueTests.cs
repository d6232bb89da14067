using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Values that cannot be part of a document are refused before anything of the call is done, and never make a document unreadable.</summary>
public sealed class RefusedValueTests
{
    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1 });

    [Fact]
    public void One_type_twice_in_one_insertion()
    {
        YMap map = new();
        Assert.Throws<ArgumentException>(() => _doc.GetArray("a").Insert(0, map, map));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void A_type_inside_a_plain_value_behind_other_values()
    {
        Assert.Throws<ArgumentException>(() => _doc.GetArray("a").Push(1, new byte[] { 1 }, YValue.FromArray(new YText())));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void A_list_that_holds_undefined_before_it_is_part_of_the_document()
    {
        Assert.Throws<ArgumentException>(() => _doc.GetArray("a").Push(new YArray(1, YValue.Undefined)));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    // As v1 an embed or a format is JSON, which has no 64-bit integers: once inside, the document can never be encoded again.
    [Fact]
    public void A_64_bit_integer_as_an_embed_or_a_format()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "a");
        byte[] before = _doc.EncodeStateAsUpdate();
        Assert.Throws<ArgumentException>(() => text.InsertEmbed(0, YValue.BigInt(3)));
        Assert.Throws<ArgumentException>(() => text.Format(0, 1, new YObject { ["f"] = YValue.FromArray(YValue.BigInt(1)) }));
        Assert.Equal(before, _doc.EncodeStateAsUpdate());
    }

    // As JSON it would be the word undefined, which no peer can read.
    [Fact]
    public void An_undefined_format()
    {
        YText text = _doc.GetText("t");
        text.Insert(0, "a");
        byte[] before = _doc.EncodeStateAsUpdate();
        Assert.Throws<ArgumentException>(() => text.Format(0, 1, new YObject { ["f"] = YValue.Undefined }));
        Assert.Throws<ArgumentException>(() => text.Insert(0, "b", new YObject { ["f"] = YValue.Undefined }));
        Assert.Equal(before, _doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void A_step_of_a_delta_behind_others()
    {
        YText text = _doc.GetText("t");
        YMap map = new();
        Assert.Throws<ArgumentException>(
            () => text.ApplyDelta([new YDeltaOp { Insert = "a" }, new YDeltaOp { Insert = map }, new YDeltaOp { Insert = map }]));
        Assert.Throws<ArgumentException>(
            () => text.ApplyDelta([new YDeltaOp { Insert = "a" }, new YDeltaOp { Insert = "b", Attributes = new YObject { ["f"] = YValue.BigInt(1) } }]));
        Assert.Throws<ArgumentException>(() => text.ApplyDelta([new YDeltaOp { Insert = "a" }, new YDeltaOp { Insert = new YDoc() }]));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void A_type_of_another_document_as_a_value_an_embed_a_node_and_an_attribute()
    {
        YXmlElement foreign = new YDoc().GetXmlElement("e");
        Assert.Throws<ArgumentException>(() => _doc.GetMap("m").Set("k", foreign));
        Assert.Throws<ArgumentException>(() => _doc.GetText("t").InsertEmbed(0, foreign));
        Assert.Throws<ArgumentException>(() => _doc.GetText("t").SetAttribute("k", foreign));
        Assert.Throws<ArgumentException>(() => _doc.GetXmlFragment("x").Insert(0, new YXmlText(), foreign));
        Assert.Throws<ArgumentException>(() => _doc.GetXmlElement("y").SetAttribute("k", YValue.FromArray(foreign)));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_change_of_several_parts_that_the_clocks_do_not_suffice_for(int left)
    {
        _doc.ApplyUpdate(new UpdateBuilder().Section(7, 0).Text("x").Gc((ulong)(int.MaxValue - 1 - left)).Build());
        _doc.ClientId = 7;
        byte[] before = _doc.EncodeStateAsUpdate();
        Assert.Throws<InvalidOperationException>(() => _doc.GetArray("a").Push(1, new YArray(2, new YText("xyz"))));
        Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").Insert(0, "abc", new YObject { ["b"] = true }));
        Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").ApplyDelta([new YDeltaOp { Insert = "abc" }, new YDeltaOp { Retain = 3 }]));
        Assert.Equal(before, _doc.EncodeStateAsUpdate());
        _doc.GetText("t").Insert(0, "abc");
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void What_JSON_cannot_hold_can_be_printed()
    {
        _doc.GetMap("m").Set("i", YValue.BigInt(3));
        _doc.GetMap("m").Set("d", new YDoc(new YDocOptions { Guid = "inner" }));
        Assert.Null(Record.Exception(() => _doc.GetMap("m").ToJson().ToString()));
    }

    [Fact]
    public void Typing_beyond_the_largest_clock()
    {
        _doc.ApplyUpdate(new UpdateBuilder().Section(7, 0).Gc(int.MaxValue - 2).Build());
        _doc.ClientId = 7;
        byte[] before = _doc.EncodeStateAsUpdate();
        Assert.Throws<InvalidOperationException>(() => _doc.GetText("t").Insert(0, "abcdef"));
        Assert.Equal(before, _doc.EncodeStateAsUpdate());
        DocInvariants.Check(_doc);
    }
}
