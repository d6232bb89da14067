using System.Text;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Updates that are well formed and that no editor ever makes: forged parents, origins, keys and clocks.</summary>
public sealed class ForgedStructureTests
{
    private const int Depth = 100_000;

    [Fact]
    public void Types_that_are_each_others_parents_wait_for_ever()
    {
        byte[] cycle = new UpdateBuilder()
            .Section(2, 0).Item(StructKind.Type, [1], parent: new Id(1, 0), key: "k")
            .Section(1, 0).Item(StructKind.Type, [1], parent: new Id(2, 0), key: "k")
            .Build();
        YDoc doc = new();
        doc.ApplyUpdate(cycle);
        Assert.True(doc.HasPending);
        Assert.Empty(doc.GetStateVector());
        doc.ApplyUpdate(cycle);
        doc.ApplyUpdate(new UpdateBuilder().Section(3, 0).Text("ok").Build());
        Assert.Equal("ok", doc.GetText("t").ToString());
        Assert.True(doc.HasPending);
        YDoc copy = new();
        copy.ApplyUpdate(doc.EncodeStateAsUpdate());
        Assert.Equal(doc.EncodeStateAsUpdate(), copy.EncodeStateAsUpdate());
        DocInvariants.Check(doc);
    }

    [Fact]
    public void A_ring_of_many_clients_that_wait_for_each_other_is_parked_as_a_whole()
    {
        const uint Clients = 5_000;
        UpdateBuilder ring = new();
        for (uint client = Clients; client > 0; client--)
            ring.Section(client, 0).Text("x", new Id(client == 1 ? Clients : client - 1, 0));
        YDoc doc = new();
        doc.ApplyUpdate(ring.Build());
        Assert.True(doc.HasPending);
        Assert.Empty(doc.GetStateVector());
        Assert.Equal(ring.Build(), doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void A_chain_of_many_clients_is_followed_without_recursion()
    {
        const uint Clients = 50_000;
        UpdateBuilder chain = new();
        for (uint client = Clients; client > 1; client--)
            chain.Section(client, 0).Text("x", new Id(client - 1, 0));
        byte[] update = chain.Section(1, 0).Text("x").Build();
        YDoc doc = new();
        doc.ApplyUpdate(update);
        Assert.False(doc.HasPending);
        Assert.Equal((int)Clients, doc.GetText("t").Length);
        DocInvariants.Check(doc);
    }

    [Theory]
    [InlineData(StructKind.String)]
    [InlineData(StructKind.Deleted)]
    [InlineData(StructKind.Gc)]
    [InlineData(StructKind.Any)]
    public void What_claims_a_parent_that_is_no_type_becomes_a_GC_struct(object parent)
    {
        UpdateBuilder builder = new UpdateBuilder().Section(1, 0);
        builder = (StructKind)parent switch
        {
            StructKind.String => builder.Text("a"),
            StructKind.Deleted => builder.Deleted(1),
            StructKind.Gc => builder.Gc(1),
            _ => builder.Item(StructKind.Any, [1, 120]),
        };
        YDoc doc = new();
        doc.ApplyUpdate(builder.Text("orphan", parent: new Id(1, 0)).Item(StructKind.Any, [1, 120], parent: new Id(1, 0), key: "k").Build());
        Assert.Equal(8U, doc.GetStateVector()[1]);
        Assert.False(Encoding.UTF8.GetString(doc.EncodeStateAsUpdate()).Contains("orphan", StringComparison.Ordinal));
        DocInvariants.Check(doc);
    }

    [Fact]
    public void Origins_in_different_types_and_keys_end_in_one_of_them()
    {
        byte[] update = new UpdateBuilder()
            .Section(1, 0)
            .Text("list", root: "t")
            .Item(StructKind.Any, [1, 120], root: "m", key: "k")
            .Text("other", root: "u")
            .Section(2, 0)
            .Text("A", new Id(1, 1), new Id(1, 6))
            .Text("B", new Id(1, 4), new Id(1, 2))
            .Text("C", new Id(1, 2), new Id(1, 4))
            .Text("D", right: new Id(1, 4))
            .Text("E", new Id(1, 3), new Id(1, 0))
            .Text("F", new Id(1, 8), new Id(2, 0))
            .Build();
        YDoc doc = new(new YDocOptions { ClientId = 9 });
        doc.ApplyUpdate(update);
        Assert.False(doc.HasPending);
        DocInvariants.Check(doc);
        YDoc copy = new();
        copy.ApplyUpdate(doc.EncodeStateAsUpdate());
        DocInvariants.Check(copy);
        Assert.Equal(doc.GetText("t").ToString(), copy.GetText("t").ToString());
        Assert.Equal(doc.GetText("u").ToString(), copy.GetText("u").ToString());
        doc.GetText("t").Delete(0, doc.GetText("t").Length);
        doc.GetText("u").Insert(1, "typed");
        DocInvariants.Check(doc);
    }

    [Fact]
    public void A_struct_that_is_known_already_is_not_taken_a_second_time_whatever_it_says()
    {
        YDoc doc = new();
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Text("first").Build());
        byte[] before = doc.EncodeStateAsUpdate();
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Text("other").Build());
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 1).Text("irst", root: "u").Build());
        Assert.Equal(before, doc.EncodeStateAsUpdate());

        // A longer one continues where the known one ends.
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Text("OTHERS and more").Build());
        Assert.Equal("firstS and more", doc.GetText("t").ToString());
        DocInvariants.Check(doc);
    }

    [Fact]
    public void Content_of_the_wrong_kind_for_a_root_is_kept_and_hidden_or_shown_but_breaks_nothing()
    {
        byte[] update = new UpdateBuilder()
            .Section(1, 0)
            .Item(StructKind.Any, [2, 120, 121], root: "r")
            .Item(StructKind.Type, [0], root: "r", key: "k")
            .Item(StructKind.Format, Bytes.FromHex("0162 0474727565"), new Id(1, 1))
            .Text("text", new Id(1, 3))
            .Item(StructKind.Embed, Bytes.FromHex("027b7d"), new Id(1, 7))
            .Item(StructKind.Doc, Bytes.FromHex("0167 7600"), new Id(1, 8))
            .Item(StructKind.Binary, Bytes.FromHex("0105"), new Id(1, 9))
            .Item(StructKind.Type, Bytes.FromHex("03 0170"), new Id(1, 10))
            .Build();
        foreach (Func<YDoc, YType> root in new Func<YDoc, YType>[] { d => d.GetText("r"), d => d.GetArray("r"), d => d.GetMap("r"), d => d.GetXmlFragment("r"), d => d.GetXmlElement("r") })
        {
            YDoc doc = new(new YDocOptions { ClientId = 3 });
            doc.ApplyUpdate(update);
            YType type = root(doc);
            _ = type.ToJson();
            switch (type)
            {
                case YText text:
                    Assert.Equal("text", text.ToString());
                    _ = text.ToDelta();
                    text.Insert(5, "-");
                    text.Delete(0, text.Length);
                    break;
                case YArray array:
                    _ = array.ToArray();
                    array.Delete(1, 4);
                    array.Push("x");
                    break;
                case YXmlFragment fragment:
                    _ = fragment.ToArray();
                    _ = fragment.ToString();
                    fragment.Delete(0, fragment.Count);
                    break;
                case YMap map:
                    Assert.Single(map);
                    map.Set("k", 1);
                    break;
            }

            DocInvariants.Check(doc);
        }
    }

    [Fact]
    public void Many_roots_are_kept_in_proportion_to_their_names()
    {
        UpdateBuilder builder = new();
        builder.Section(1, 0);
        for (int i = 0; i < 20_000; i++)
            builder.Item(StructKind.Any, [1, 120], root: $"root {i}");
        byte[] update = builder.Build();
        YDoc doc = new();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        doc.ApplyUpdate(update);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 64L * update.Length);
        YDoc copy = new();
        copy.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        Assert.Single(copy.GetArray("root 19999"));
    }

    [Theory]
    [InlineData(AnyTag.Array)]
    [InlineData(AnyTag.Object)]
    public void A_value_100_000_deep_is_stored_read_written_and_deleted_without_recursion(byte tag)
    {
        byte[] level = tag == AnyTag.Array ? [tag, 1] : [tag, 1, 1, (byte)'k'];
        byte[] any = [1, .. Enumerable.Repeat(level, Depth).SelectMany(bytes => bytes), AnyTag.Null];
        YDoc doc = new(new YDocOptions { ClientId = 2, MaxDepth = int.MaxValue });
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Item(StructKind.Any, any, root: "a").Build());
        YValue value = doc.GetArray("a")[0];
        int length = tag == AnyTag.Array ? (2 * Depth) + 4 : (6 * Depth) + 4;
        Assert.Equal(length, value.ToString().Length);
        Assert.Equal(length + 2, doc.GetArray("a").ToJson().ToString().Length);
        Assert.True(value == doc.GetArray("a")[0]);
        doc.GetMap("m").Set("k", value);
        YText text = doc.GetText("t");
        text.Insert(0, "abc");
        text.Format(0, 2, new YObject { ["f"] = value });
        text.Format(0, 1, new YObject { ["f"] = value });
        text.InsertEmbed(1, value);
        YXmlElement element = new("p");
        element.SetAttribute("a", value);
        doc.GetXmlFragment("x").Push(element);
        Assert.StartsWith("<p a=", doc.GetXmlFragment("x").ToString(), StringComparison.Ordinal);

        YDoc one = new();
        one.ApplyUpdate(doc.EncodeStateAsUpdate());
        YDoc two = new();
        two.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        Assert.Equal(one.EncodeStateAsUpdateV2(), two.EncodeStateAsUpdateV2());
        Assert.True(value == one.GetMap("m")["k"]);
        Assert.Equal(text.ToDelta().Select(op => op.Attributes is null), two.GetText("t").ToDelta().Select(op => op.Attributes is null));
        doc.GetArray("a").Delete(0);
        doc.GetMap("m").Delete("k");
        text.Delete(0, text.Length);
        DocInvariants.Check(doc);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Elements_100_000_deep_are_built_read_and_deleted_without_recursion(bool gc)
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, MaxDepth = int.MaxValue, Gc = gc });
        YDoc follower = new(new YDocOptions { MaxDepth = int.MaxValue, Gc = gc });
        doc.Updated += (update, _) => follower.ApplyUpdate(update.Span);
        YXmlFragment at = doc.GetXmlFragment("x");
        for (int i = 0; i < Depth; i++)
        {
            YXmlElement inner = new("e");
            inner.SetAttribute("n", "1");
            at.Push(inner);
            at = inner;
        }

        at.Push(new YXmlText("leaf"));
        string xml = follower.GetXmlFragment("x").ToString();
        Assert.Equal((Depth * "<e n=\"1\"></e>".Length) + 4, xml.Length);
        YDoc copy = new();
        copy.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        Assert.Throws<DepthLimitException>(() => copy.GetXmlFragment("x").ToString());
        Assert.Throws<DepthLimitException>(() => copy.GetXmlFragment("x").ToJson());
        doc.GetXmlFragment("x").Delete(0);
        Assert.Equal("", follower.GetXmlFragment("x").ToString());
        Assert.True(at.IsDeleted);
        DocInvariants.Check(follower);
        Assert.Equal(doc.EncodeStateAsUpdate(), follower.EncodeStateAsUpdate());
    }

    [Fact]
    public void The_default_limit_is_256_types_deep()
    {
        YDoc doc = new();
        YArray at = doc.GetArray("a");
        for (int depth = 2; depth <= 256; depth++)
        {
            YArray inner = new();
            at.Push(inner);
            at = inner;
        }

        Assert.Equal(512, doc.GetArray("a").ToJson().ToString().Length);
        Assert.Equal(518, doc.ToJson().ToString().Length);
        at.Push(new YArray());
        Assert.Throws<DepthLimitException>(() => doc.GetArray("a").ToJson());
        Assert.Throws<DepthLimitException>(() => doc.ToJson());
        Assert.Single(doc.GetArray("a"));
    }
}
