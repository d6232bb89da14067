using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Updates from elsewhere: order, repetition, what has to wait, what is refused.</summary>
public sealed class RemoteUpdateTests
{
    private const string Ab = "010101000401017402616200";
    private const string Cd = "0101010284010102636400";
    private const string X = "01010104c401000101015800";
    private const string DeleteFirst = "000101010001";

    [Fact]
    public void Updates_converge_in_every_order()
    {
        string[] updates = [Ab, Cd, X, DeleteFirst];
        foreach (string[] order in Permutations(updates))
        {
            YDoc doc = new();
            YText text = doc.GetText("t");
            foreach (string update in order)
                doc.ApplyUpdate(Bytes.FromHex(update));
            Assert.Equal("Xbcd", text.ToString());
            Assert.False(doc.HasPending);
            Assert.Equal("010105", Bytes.ToHex(doc.EncodeStateVector()));
        }
    }

    [Fact]
    public void What_waits_is_part_of_the_state_but_not_of_the_state_vector()
    {
        YDoc doc = new();
        doc.ApplyUpdate(Bytes.FromHex(X));
        Assert.True(doc.HasPending);
        Assert.Equal(X, Bytes.ToHex(doc.EncodeStateAsUpdate()));
        Assert.Equal("00", Bytes.ToHex(doc.EncodeStateVector()));
    }

    [Fact]
    public void A_deletion_of_something_unknown_waits()
    {
        YDoc doc = new();
        doc.ApplyUpdate(Bytes.FromHex("000101010101"));
        Assert.True(doc.HasPending);
        Assert.Equal("000101010101", Bytes.ToHex(doc.EncodeStateAsUpdate()));
        Assert.Equal("0000000000000100000000000101010100", Bytes.ToHex(doc.EncodeStateAsUpdateV2()));
        YText text = doc.GetText("t");
        doc.ApplyUpdate(Bytes.FromHex(Ab));
        Assert.Equal("a", text.ToString());
        Assert.False(doc.HasPending);
    }

    [Fact]
    public void An_update_that_brings_nothing_new_raises_no_event()
    {
        YDoc doc = new();
        int updates = 0;
        doc.Updated += (_, _) => updates++;
        doc.ApplyUpdate(Bytes.FromHex(Ab));
        doc.ApplyUpdate(Bytes.FromHex(Ab));
        Assert.Equal(1, updates);
    }

    [Fact]
    public void Concurrent_insertions_are_ordered_by_client()
    {
        YDoc one = new(new YDocOptions { ClientId = 1 });
        YDoc two = new(new YDocOptions { ClientId = 2 });
        one.GetText("t").Insert(0, "AA");
        two.GetText("t").Insert(0, "BB");
        byte[] fromTwo = two.EncodeStateAsUpdate();
        two.ApplyUpdate(one.EncodeStateAsUpdate());
        one.ApplyUpdate(fromTwo);
        Assert.Equal("AABB", one.GetText("t").ToString());
        Assert.Equal("AABB", two.GetText("t").ToString());
        Assert.Equal("02010200040101740242420101000401017402414100", Bytes.ToHex(one.EncodeStateAsUpdate()));
    }

    [Fact]
    public void Of_two_concurrent_values_of_a_key_the_higher_client_wins()
    {
        YDoc one = new(new YDocOptions { ClientId = 1 });
        YDoc two = new(new YDocOptions { ClientId = 2 });
        one.GetMap("m").Set("k", "A");
        two.GetMap("m").Set("k", "B");
        one.ApplyUpdate(two.EncodeStateAsUpdate());
        Assert.Equal("B", one.GetMap("m")["k"].AsString());
        Assert.Equal("020102002801016d016b017701420101002101016d016b010101010001", Bytes.ToHex(one.EncodeStateAsUpdate()));
    }

    [Fact]
    public void An_item_whose_parent_is_no_type_becomes_a_GC_struct()
    {
        YDoc doc = new();
        doc.ApplyUpdate(Bytes.FromHex("0102010004010174016104000100016200"));
        Assert.Equal("0102010004010174016100010101010101", Bytes.ToHex(doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void A_foreign_update_with_the_own_client_id_makes_the_document_take_another()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        doc.ApplyUpdate(Bytes.FromHex(Ab));
        Assert.NotEqual(1UL, doc.ClientId);
    }

    [Fact]
    public void Every_truncated_update_is_refused_and_changes_nothing()
    {
        byte[] update = Bytes.FromHex("0106010004010174016184010001628401010163c60100010104626f6c640474727565c60101010204626f6c64046e756c6c8501020b7b22696d67223a2275227d00");
        for (int length = 0; length < update.Length; length++)
        {
            YDoc doc = new();
            Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdate(update.AsSpan(0, length)));
            Assert.Equal("0000", Bytes.ToHex(doc.EncodeStateAsUpdate()));
        }
    }

    private static IEnumerable<string[]> Permutations(string[] items) => items.Length == 1
        ? [items]
        : items.SelectMany(item => Permutations([.. items.Where(other => other != item)]).Select(rest => (string[])[item, .. rest]));
}
