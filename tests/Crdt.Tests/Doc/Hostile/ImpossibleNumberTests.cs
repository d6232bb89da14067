using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Counts, lengths and clocks that no honest peer sends.</summary>
public sealed class ImpossibleNumberTests
{
    [Theory]
    [InlineData("ffffffffffffff0f", "2^53 clients")]
    [InlineData("01 ffffffffffffff0f 01 00 00 01 00", "2^53 structs")]
    [InlineData("01 01 ffffffffffffff1f 00 00 01 00", "a client above 53 bits")]
    [InlineData("01 01 01 ffffffffffffff0f 00 01 00", "a clock above 31 bits")]
    [InlineData("01 01 01 00 00 ffffffffffffff0f 00", "GC of 2^53 units")]
    [InlineData("01 01 01 00 00 8080808008 00", "GC of 2^31 units")]
    [InlineData("01 02 01 00 00 feffffff07 00 02 00", "clocks that add up to more than 2^31 - 1")]
    [InlineData("01 01 01 00 0a 00 00", "a Skip without length")]
    [InlineData("01 01 01 00 00 00 00", "a GC without length")]
    [InlineData("01 01 01 00 01 01 0174 00 00", "Deleted without length")]
    [InlineData("01 01 01 00 04 01 0174 00 00", "an empty text")]
    [InlineData("01 01 01 00 08 01 0174 00 00", "no values")]
    [InlineData("01 01 01 00 04 01 0174 ffffffffffffff0f 00", "a text of 2^53 bytes")]
    [InlineData("01 01 01 00 08 01 0174 ffffffff07 7e 00", "2^31 values")]
    [InlineData("01 01 01 00 08 01 0174 01 75 ffffffff07 00", "an array of 2^31 elements")]
    [InlineData("01 01 01 00 08 01 0174 01 76 ffffffff07 00", "an object of 2^31 members")]
    [InlineData("01 01 01 00 08 01 0174 01 74 ffffffff07 00", "2^31 bytes")]
    [InlineData("01 01 01 00 07 01 0174 07 00", "an unknown shared type")]
    [InlineData("01 01 01 00 0b 01 0174 00 00", "an unknown kind of struct")]
    [InlineData("01 01 01 00 84 01 00 01 61 00", "a struct that is its own origin")]
    [InlineData("01 01 01 00 44 01 05 01 61 00", "a right origin of the own future")]
    [InlineData("01 01 01 00 04 00 01 00 01 61 00", "a struct that is its own parent")]
    [InlineData("02 01 01 00 04 01 0174 01 61 01 01 01 04 01 0174 01 62 00", "two sections of one client")]
    [InlineData("00 ffffffffffffff0f", "2^53 clients in the delete set")]
    [InlineData("00 01 01 ffffffffffffff0f 00 01", "2^53 delete ranges")]
    [InlineData("00 01 01 01 00 808080808020", "a delete range of 2^40")]
    [InlineData("00 01 01 01 ffffffff07 01", "a delete range that ends above 2^31 - 1")]
    [InlineData("00 01 ffffffffffffff1f 01 00 01", "deletions of a client above 53 bits")]
    [InlineData("00", "no delete set")]
    [InlineData("", "nothing at all")]
    public void Impossible_numbers_are_malformed_and_cost_nothing(string hex, string why)
    {
        YDoc doc = new(new YDocOptions { ClientId = 5 });
        doc.GetText("t").Insert(0, "x");
        byte[] before = doc.EncodeStateAsUpdate();
        byte[] update = Bytes.FromHex(hex);
        Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdate(update));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Assert.IsType<MalformedUpdateException>(Record.Exception(() => doc.ApplyUpdate(update)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 1 << 19, why);
        Assert.Equal(before, doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void Trailing_bytes_are_ignored_as_Yjs_does()
    {
        YDoc doc = new();
        doc.ApplyUpdate(Bytes.FromHex("010101000401017402616200 ffffff"));
        Assert.Equal("ab", doc.GetText("t").ToString());
    }

    [Fact]
    public void Numbers_that_are_longer_than_needed_are_read()
    {
        YDoc doc = new();
        doc.ApplyUpdate(Bytes.FromHex("8100 8100 818000 8000 04 8100 0174 8200 6162 8000"));
        Assert.Equal("010101000401017402616200", Bytes.ToHex(doc.EncodeStateAsUpdate()));
    }

    [Theory]
    [InlineData(StructKind.Gc)]
    [InlineData(StructKind.Deleted)]
    [InlineData(StructKind.Type)]
    public void A_few_bytes_of_v2_that_stand_for_a_million_structs_are_refused(object kind)
    {
        byte[] bomb = Repeated((StructKind)kind, 1_100_000);
        Assert.InRange(bomb.Length, 10, 100);
        YDoc doc = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdateV2(bomb));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
        Assert.Equal("0000", Bytes.ToHex(doc.EncodeStateAsUpdate()));
        Assert.Equal(0, doc.Store.Items.LiveCount);
    }

    [Fact]
    public void Fewer_of_them_are_what_they_say()
    {
        YDoc doc = new();
        doc.ApplyUpdateV2(Repeated(StructKind.Type, 10_000));

        // Their origins are another client's, which is not here.
        Assert.True(doc.HasPending);
        doc.ApplyUpdate(new UpdateBuilder().Section(2, 0).Deleted(10_000, right: null).Build());
        Assert.False(doc.HasPending);
        Assert.Equal(10_000U, doc.GetStateVector()[1]);
        DocInvariants.Check(doc);
        doc.ApplyUpdateV2(Repeated(StructKind.Gc, 10_000, client: 3));
        Assert.Equal(10_000U, doc.GetStateVector()[3]);
        DocInvariants.Check(doc);
    }

    [Fact]
    public void Somebody_else_jumping_the_own_clock_does_not_end_the_own_session()
    {
        // Twelve bytes; Yjs drops everything that user writes afterwards.
        byte[] jump = new UpdateBuilder().Section(7, 0).Gc(int.MaxValue).Build();
        YDoc victim = new(new YDocOptions { ClientId = 7 });
        victim.ApplyUpdate(jump);
        Assert.NotEqual(7UL, victim.ClientId);
        victim.GetText("t").Insert(0, "still here");
        YDoc server = new();
        server.ApplyUpdate(jump);
        server.ApplyUpdate(victim.EncodeStateAsUpdate());
        Assert.Equal("still here", server.GetText("t").ToString());
        Assert.Equal((uint)int.MaxValue, server.GetStateVector()[7]);
        DocInvariants.Check(server);
    }

    [Fact]
    public void The_largest_clock_can_be_reached_and_not_passed()
    {
        YDoc doc = new();
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Gc(int.MaxValue - 1).Build());
        doc.ApplyUpdate(new UpdateBuilder().Section(1, int.MaxValue - 1).Text("z").Build());
        Assert.Equal("z", doc.GetText("t").ToString());
        Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdate(new UpdateBuilder().Section(1, int.MaxValue).Gc(1).Build()));
        doc.ApplyUpdate(new UpdateBuilder().Delete(1, 0, int.MaxValue).Build());
        Assert.Equal("", doc.GetText("t").ToString());
        YDoc copy = new();
        copy.ApplyUpdateV2(doc.EncodeStateAsUpdateV2());
        Assert.Equal(doc.EncodeStateAsUpdate(), copy.EncodeStateAsUpdate());
        DocInvariants.Check(doc);
    }

    [Fact]
    public void Deleting_everything_that_will_ever_be_deletes_what_is_and_waits()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        doc.GetText("t").Insert(0, "abc");
        doc.ApplyUpdate(new UpdateBuilder().Delete(1, 0, int.MaxValue).Build());
        Assert.Equal("", doc.GetText("t").ToString());
        Assert.True(doc.HasPending);
        Assert.Equal("010101000101017403 01010100ffffffff07".Replace(" ", "", StringComparison.Ordinal), Bytes.ToHex(doc.EncodeStateAsUpdate()));
    }

    // Structs that are all alike, so that each column is one run.
    private static byte[] Repeated(StructKind kind, uint count, ulong client = 1)
    {
        UpdateEncoderV2 encoder = new();
        encoder.Rest.WriteVarUInt(1);
        encoder.Rest.WriteVarUInt(count);
        encoder.WriteClient(client);
        encoder.Rest.WriteByte(0);
        for (uint i = 0; i < count; i++)
        {
            encoder.WriteInfo((byte)(kind == StructKind.Gc ? (int)kind : StructInfo.HasOrigin | (int)kind));
            if (kind != StructKind.Gc)
                encoder.WriteLeftId(2, i);
            if (kind == StructKind.Type)
                encoder.WriteTypeRef(1);
            else
                encoder.WriteLength(1);
        }

        encoder.Rest.WriteByte(0);
        ByteBuffer target = new();
        encoder.Finish(target);
        return target.Written.ToArray();
    }
}
