using System.Text;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What becomes of deleted content, and of client ids.</summary>
public sealed class CollectionTests
{
    [Fact]
    public void Deleted_content_is_dropped_at_the_end_of_the_transaction_and_not_before()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YText text = doc.GetText("t");
        text.Insert(0, "secret");
        doc.Transact(_ =>
        {
            text.Delete(0, 6);
            Assert.True(Holds(doc, "secret"));
        });
        Assert.False(Holds(doc, "secret"));
    }

    [Fact]
    public void The_filter_decides_what_is_kept()
    {
        List<Id> asked = [];
        YDoc doc = new(new YDocOptions
        {
            ClientId = 1,
            GcFilter = id =>
            {
                asked.Add(id);
                return id.Clock >= 3;
            },
        });
        YArray array = doc.GetArray("a");
        array.Push("one");
        array.Push(new byte[] { 1 });
        array.Push("two");
        array.Push(new byte[] { 2 });
        array.Delete(1, 3);
        Assert.Equal([new Id(1, 1), new Id(1, 2), new Id(1, 3)], asked.Order(Comparer<Id>.Create((a, b) => a.Clock.CompareTo(b.Clock))));
        string state = Bytes.ToHex(doc.EncodeStateAsUpdate());
        Assert.Contains("0101", state, StringComparison.Ordinal);
        Assert.Contains("770374776f", state, StringComparison.Ordinal);
        DocInvariants.Check(doc);
    }

    [Fact]
    public void A_replica_without_collection_still_has_what_others_dropped()
    {
        YDoc archive = new(new YDocOptions { ClientId = 1, Gc = false });
        YDoc user = new(new YDocOptions { ClientId = 2 });
        archive.GetText("t").Insert(0, "kept");
        user.ApplyUpdate(archive.EncodeStateAsUpdate());
        user.GetText("t").Delete(0, 4);
        archive.ApplyUpdate(user.EncodeStateAsUpdate());
        Assert.True(Holds(archive, "kept"));
        Assert.False(Holds(user, "kept"));
        Assert.Equal("", archive.GetText("t").ToString());
        Assert.Equal(user.EncodeStateVector(), archive.EncodeStateVector());
    }

    [Fact]
    public void Text_that_was_deleted_in_bulk_does_not_stay_in_memory()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YText text = doc.GetText("t");
        for (int i = 0; i < 200; i++)
        {
            text.Insert(0, new string((char)('a' + (i % 26)), 500));
            text.Delete(100, text.Length - 100);
        }

        Assert.Equal(100, text.Length);
        Assert.InRange(doc.Store.Client(0).Text.Length, 100, 20_000);
        YDoc copy = new();
        copy.ApplyUpdate(doc.EncodeStateAsUpdate());
        Assert.Equal(text.ToString(), copy.GetText("t").ToString());
    }

    [Fact]
    public void Text_survives_compaction_when_it_lies_on_both_sides_of_segments()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YText text = doc.GetText("t");
        for (int i = 0; i < 50; i++)
            text.Insert(text.Length, new string((char)(i % 2 == 0 ? 'a' + (i % 26) : 0x4E00 + i), 4000));
        for (int i = 0; i < 50; i++)
            text.Delete(i * 500, 3500);
        string expected = string.Concat(Enumerable.Range(0, 50).Select(i => new string((char)(i % 2 == 0 ? 'a' + (i % 26) : 0x4E00 + i), 500)));
        Assert.Equal(expected, text.ToString());
        text.Insert(12_345, "|");
        DocInvariants.Check(doc);
        YDoc copy = new();
        copy.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        Assert.Equal(expected.Insert(12_345, "|"), copy.GetText("t").ToString());
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(uint.MaxValue)]
    [InlineData(1UL << 32)]
    [InlineData((1UL << 53) - 1)]
    public void Client_ids_have_up_to_53_bits(ulong id)
    {
        YDoc doc = new(new YDocOptions { ClientId = id });
        doc.GetText("t").Insert(0, "a");
        doc.GetText("t").Insert(0, "b");
        YDoc peer = new(new YDocOptions { ClientId = 7 });
        peer.ApplyUpdate(doc.EncodeStateAsUpdate());
        peer.GetText("t").Insert(1, "-");
        doc.ApplyUpdateV2(peer.EncodeStateAsUpdateV2(doc.EncodeStateVector()));
        Assert.Equal("b-a", doc.GetText("t").ToString());
        Assert.Equal(2U, doc.GetStateVector()[id]);
    }

    [Fact]
    public void A_client_id_of_54_bits_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new YDoc(new YDocOptions { ClientId = 1UL << 53 }));
        YDoc doc = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => doc.ClientId = 1UL << 53);
        Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdate(new UpdateBuilder().Section(1UL << 53, 0).Text("a").Build()));
    }

    [Fact]
    public void A_session_may_go_on_under_another_client_id()
    {
        YDoc doc = new(new YDocOptions { ClientId = 5 });
        doc.GetText("t").Insert(0, "a");
        doc.ClientId = 3;
        doc.GetText("t").Insert(1, "b");
        doc.ClientId = 5;
        doc.GetText("t").Insert(2, "c");
        Assert.Equal("abc", doc.GetText("t").ToString());
        Assert.Equal("0205020301", Bytes.ToHex(doc.EncodeStateVector()));
        DocInvariants.Check(doc);
    }

    [Fact]
    public void Two_documents_with_one_client_id_part_when_they_meet()
    {
        YDoc one = new(new YDocOptions { ClientId = 1 });
        YDoc two = new(new YDocOptions { ClientId = 1 });
        one.GetArray("a").Push("a");
        two.ApplyUpdate(one.EncodeStateAsUpdate());
        Assert.Equal(1UL, one.ClientId);
        Assert.NotEqual(1UL, two.ClientId);
        two.GetArray("a").Push("b");
        one.GetArray("a").Push("c");
        one.ApplyUpdate(two.EncodeStateAsUpdate());
        two.ApplyUpdate(one.EncodeStateAsUpdate());
        Assert.Equal(one.GetArray("a").ToJson(), two.GetArray("a").ToJson());
        Assert.Equal(3, one.GetArray("a").Count);
        Assert.Equal(1UL, one.ClientId);
    }

    [Fact]
    public void An_own_change_that_comes_back_does_not_take_the_client_id_away()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        doc.GetText("t").Insert(0, "a");
        byte[] echo = doc.EncodeStateAsUpdate();
        doc.ApplyUpdate(echo);
        doc.GetText("t").Insert(1, "b");
        doc.ApplyUpdate(echo);
        Assert.Equal(1UL, doc.ClientId);
    }

    private static bool Holds(YDoc doc, string text) => doc.EncodeStateAsUpdate().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
