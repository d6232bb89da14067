using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Types that are filled before they are part of a document. The vector was printed by yjs 13.6.33 with client id 1.</summary>
public sealed class PreliminaryTests
{
    private const int Depth = 100_000;

    private readonly YDoc _doc = new(new YDocOptions { ClientId = 1, MaxDepth = int.MaxValue });

    [Fact]
    public void Types_in_types_in_texts_get_their_clocks_in_the_order_of_Yjs()
    {
        YText inner = new("in");
        YText text = new("abc");
        text.InsertEmbed(1, inner, new YObject { ["bold"] = true });
        text.Format(0, 2, new YObject { ["i"] = 1 });
        YMap embedded = new();
        embedded.Set("k", new YArray());
        text.ApplyDelta(
        [
            new YDeltaOp { Retain = 1 },
            new YDeltaOp { Insert = embedded, Attributes = new YObject { ["x"] = "y" } },
            new YDeltaOp { Insert = "z\n" },
            new YDeltaOp { Delete = 1 },
        ]);
        text.SetAttribute("a", new YArray());
        YMap first = new();
        first.Set("m", 1);
        inner.InsertEmbed(0, first);
        YXmlElement element = new("p");
        element.Insert(0, new YXmlText("t"), new YXmlElement("q"));
        element.SetAttribute("w", "v");
        YXmlFragment fragment = new();
        fragment.Insert(0, element);
        YMap map = new();
        map.Set("t", text);
        map.Set("u", 2);
        YArray array = new();
        array.Push(1, map, "x", new byte[] { 1 }, fragment, YValue.Null);
        _doc.GetArray("a").Insert(0, 0, array, "end");
        Assert.Equal(
            "0121010008010161017d008701000008000101017d018701020127000103017402040001040161840105026263c101050106020004c10109010601460105"
            + "01690131c6010e01060169046e756c6cc601050108017803227922c6011101080169046e756c6cc7011201080127000113016b00c6011301080178046e75"
            + "6c6cc60115010801690131c6011601080169046e756c6cc401170108027a0ac6011901080169013127000104016100280001030175017d02880103017701"
            + "7883011d010187011e040700011f03017007000120060400012101748701210301712800012001770177017688011f017e880101017703656e640101010807",
            Bytes.ToHex(_doc.EncodeStateAsUpdate()));
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void Arrays_100_000_deep_are_inserted_read_and_deleted()
    {
        YArray nested = new();
        for (int i = 1; i < Depth; i++)
            nested = new YArray(nested);
        _doc.GetArray("a").Push(nested);
        Assert.Equal((uint)Depth, _doc.GetStateVector()[1]);
        Assert.Equal(2 * (Depth + 1), _doc.GetArray("a").ToJson().ToString().Length);
        _doc.GetArray("a").Delete(0);
        Assert.Empty(_doc.GetArray("a"));
    }

    [Fact]
    public void Maps_and_nodes_and_embeds_100_000_deep_are_inserted()
    {
        YType nested = new YXmlElement("e");
        for (int i = 1; i < Depth; i++)
        {
            YType outer;
            switch (i % 4)
            {
                case 0:
                    outer = new YXmlElement("e");
                    ((YXmlElement)outer).Insert(0, nested);
                    break;
                case 1:
                    outer = new YXmlElement("e");
                    ((YXmlElement)outer).SetAttribute("a", nested);
                    break;
                case 2:
                    outer = new YMap();
                    ((YMap)outer).Set("k", nested);
                    break;
                default:
                    outer = new YText("t");
                    ((YText)outer).InsertEmbed(1, nested, new YObject { ["b"] = true });
                    break;
            }

            nested = outer;
        }

        _doc.GetMap("m").Set("k", nested);
        DocInvariants.Check(_doc);
        YDoc copy = new();
        copy.ApplyUpdate(_doc.EncodeStateAsUpdate());
        Assert.Equal(_doc.EncodeStateAsUpdateV2(), copy.EncodeStateAsUpdateV2());
    }

    [Fact]
    public void A_type_that_holds_itself_is_refused()
    {
        YMap map = new();
        map.Set("k", new YArray(map));
        Assert.Throws<ArgumentException>(() => _doc.GetMap("m").Set("k", map));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void A_change_outside_of_a_waiting_text_is_refused_with_all_that_surrounds_it()
    {
        YText text = new("abc");
        text.Delete(0, 2);
        text.Insert(1, "ok");
        text.Delete(2, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => _doc.GetArray("a").Push(1, new YArray(2, text)));
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Insert(-1, "x"));
        Assert.Equal("0000", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void Formatting_behind_the_end_of_a_waiting_text_makes_it_longer()
    {
        YText text = new("ab");
        text.Format(1, 3, new YObject { ["b"] = true });
        text.Insert(4, "x");
        text.ApplyDelta([new YDeltaOp { Retain = 7 }, new YDeltaOp { Insert = "end" }]);
        _doc.GetMap("m").Set("t", text);
        Assert.Equal("ab\n\nx\n\nend", text.ToString());
    }
}
