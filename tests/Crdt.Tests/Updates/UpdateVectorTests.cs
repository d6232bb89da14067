using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Updates as Yjs 13.6 wrote them in both formats, and what its doc-less functions say about them.</summary>
public class UpdateVectorTests
{
    private const string Ab = "010101000401017402616200";
    private const string Cd = "0101010284010102636400";
    private const string X = "01010104c401000101015800";
    private const string Deletion = "000101010001";

    [Theory]
    [InlineData("0101010004010174 0568656c6c6f 00", "000001010000010409067468656c6c6f0105010100000101 0000")]
    [InlineData("0103010004010174016881010002840102026c6f0101010102", "000002410102000400050400810084080474686c6f41000201010001020103000101010101")]
    [InlineData(
        "0106010004010174016184010001628401010163c60100010104626f6c640474727565c60101010204626f6c64046e756c6c8501020b7b22696d67223a2275227d00",
        "000200020241060500024203000203000704008401c60185110c74616263626f6c64626f6c644102440001010000010600787e760103696d6777017500")]
    [InlineData("0000", "00000000000001000000000000")]
    public void An_update_is_the_same_in_both_formats(string v1, string v2)
    {
        Assert.Equal(Hex(v2), Bytes.ToHex(YUpdate.ConvertV1ToV2(Bytes.FromHex(v1))));
        Assert.Equal(Hex(v1), Bytes.ToHex(YUpdate.ConvertV2ToV1(Bytes.FromHex(v2))));
    }

    [Fact]
    public void The_flag_of_a_map_key_next_to_an_origin_is_lost_when_structs_are_written_anew()
    {
        byte[] document = Bytes.FromHex("010201002101016d016b01a80100017701780101010001");
        Assert.Equal("010201002101016d016b01880100017701780101010001", Bytes.ToHex(YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(document))));
    }

    [Fact]
    public void A_single_update_is_returned_as_it_is()
    {
        byte[] update = Bytes.FromHex("010201002101016d016b01a80100017701780101010001 ffff");
        Assert.Equal(update, YUpdate.MergeUpdates([update]));
        Assert.Throws<MalformedUpdateException>(() => YUpdate.MergeUpdates([Bytes.FromHex("0101")]));
    }

    [Fact]
    public void No_updates_merge_to_the_empty_one()
    {
        Assert.Equal("0000", Bytes.ToHex(YUpdate.MergeUpdates([])));
        Assert.Equal("00000000000001000000000000", Bytes.ToHex(YUpdate.MergeUpdatesV2([])));
    }

    [Fact]
    public void A_gap_becomes_a_skip() => Assert.Equal("01030100040101740261620a02c401000101015800", Merge(Ab, X));

    [Theory]
    [InlineData(0, 1, 2, 3)]
    [InlineData(3, 2, 1, 0)]
    [InlineData(2, 0, 3, 1)]
    public void Updates_merge_to_the_same_in_any_order(int a, int b, int c, int d)
    {
        string[] all = [Ab, Cd, X, Deletion];
        string merged = Merge(all[a], all[b], all[c], all[d]);
        Assert.Equal("0103010004010174026162840101026364c40100010101580101010001", merged);
        Assert.Equal("010201038401020164c40100010101580101010001", Bytes.ToHex(YUpdate.DiffUpdate(Bytes.FromHex(merged), Bytes.FromHex("010103"))));
        Assert.Equal("010105", Bytes.ToHex(YUpdate.EncodeStateVectorFromUpdate(Bytes.FromHex(merged))));
    }

    [Fact]
    public void The_state_vector_of_an_update_ends_at_its_first_hole()
    {
        byte[] merged = Bytes.FromHex(Merge(Ab, X));
        Assert.Equal("010102", Bytes.ToHex(YUpdate.EncodeStateVectorFromUpdate(merged)));
        Assert.Equal("00", Bytes.ToHex(YUpdate.EncodeStateVectorFromUpdate(Bytes.FromHex(Cd))));
        UpdateMeta meta = YUpdate.ParseUpdateMeta(merged);
        Assert.Equal(0u, meta.From[1]);
        Assert.Equal(5u, meta.To[1]);
        Assert.Equal(2u, YUpdate.ParseUpdateMeta(Bytes.FromHex(Cd)).From[1]);
    }

    [Fact]
    public void A_state_vector_does_not_cover_a_hole_in_front() =>
        Assert.Equal("00", Bytes.ToHex(YUpdate.EncodeStateVectorFromUpdate(Bytes.FromHex("0102 01 00 0a03 8401020161 00"))));

    [Fact]
    public void A_diff_does_not_begin_with_a_skip() =>
        Assert.Equal(X, Bytes.ToHex(YUpdate.DiffUpdate(Bytes.FromHex(Merge(Ab, X)), Bytes.FromHex("010102"))));

    [Fact]
    public void Neighbouring_collected_structs_of_two_updates_become_one() =>
        Assert.Equal("01010100000500", Merge("01010100000200", "01010102000300"));

    [Fact]
    public void A_pair_that_is_cut_by_what_is_known_becomes_a_replacement_character()
    {
        const string Known = "010101000401017402787900";
        const string Longer = "01010100040101740578f09f988000";
        Assert.Equal("010201000401017402787984010103efbfbd00", Merge(Known, Longer));
        Assert.Equal("0101010284010103efbfbd00", Bytes.ToHex(YUpdate.DiffUpdate(Bytes.FromHex(Longer), Bytes.FromHex("010102"))));
        byte[] merged = YUpdate.MergeUpdatesV2([YUpdate.ConvertV1ToV2(Bytes.FromHex(Known)), YUpdate.ConvertV1ToV2(Bytes.FromHex(Longer))]);
        Assert.Equal("0000024100010200030400840a06747879efbfbd0102010101000001020000", Bytes.ToHex(merged));
    }

    [Fact]
    public void Sections_in_the_wrong_order_lose_nothing()
    {
        // Client 1, then client 5, then client 1 again.
        byte[] odd = Bytes.FromHex("03 01 01 00 0401017402 6162 01 05 00 04010174 01 7a 01 01 02 84010101 63 01 01 01 00 01");
        const string Sorted = "02 01 05 00 04010174 01 7a 02 01 00 0401017402 6162 84010101 63 01 01 01 00 01";
        Assert.Equal(Hex(Sorted), Bytes.ToHex(YUpdate.MergeUpdates([odd, Bytes.FromHex("0000")])));
        Assert.Equal(Hex(Sorted), Bytes.ToHex(YUpdate.DiffUpdate(odd, [0])));
        Assert.Equal(Hex(Sorted), Bytes.ToHex(YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(odd))));
        Assert.Equal("0205010103", Bytes.ToHex(YUpdate.EncodeStateVectorFromUpdate(odd)));
        Assert.Equal(3u, YUpdate.ParseUpdateMeta(odd).To[1]);
    }

    [Fact]
    public void A_key_that_a_writer_abbreviates_is_understood()
    {
        // Formats bold, bold and em, where the second refers to the key of the first. Yjs reads this and never writes it.
        byte[] update = Bytes.FromHex("000301000202410102000200030600860b0774626f6c64656d01040201010000010300787e7800");
        const string Plain = "010301000601017404626f6c64047472756586010004626f6c64046e756c6c86010102656d047472756500";
        Assert.Equal(Plain, Bytes.ToHex(YUpdate.ConvertV2ToV1(update)));
    }

    [Theory]
    [InlineData("0101010001010105", "0101010000010105")]
    public void A_snapshot_is_the_same_in_both_formats(string v1, string v2)
    {
        Snapshot snapshot = Snapshot.Decode(Bytes.FromHex(v1));
        Assert.Equal(v1, Bytes.ToHex(snapshot.Encode()));
        Assert.Equal(v2, Bytes.ToHex(snapshot.EncodeV2()));
        Assert.Equal(snapshot, Snapshot.DecodeV2(Bytes.FromHex(v2)));
        Assert.False(snapshot.Shows(new Id(1, 0)));
        Assert.True(snapshot.Shows(new Id(1, 4)));
        Assert.False(snapshot.Shows(new Id(1, 5)));
        Assert.NotEqual(snapshot, Snapshot.Empty);
    }

    [Fact]
    public void A_set_of_ids_is_sorted_and_joined()
    {
        IdSet set = IdSet.Of(
            [new ClockRange(1, 4, 6), new ClockRange(9, 0, 1), new ClockRange(1, 0, 2), new ClockRange(1, 2, 3), new ClockRange(1, 7, 7)]);
        Assert.Equal([new ClockRange(9, 0, 1), new ClockRange(1, 0, 3), new ClockRange(1, 4, 6)], set);
        Assert.True(set.Contains(new Id(1, 2)));
        Assert.False(set.Contains(new Id(1, 3)));
        Assert.False(set.Contains(new Id(2, 0)));
        Assert.Equal(set, IdSet.Union([IdSet.Of([new ClockRange(1, 0, 3)]), set]));
        ByteBuffer bytes = new();
        set.EncodeV2(bytes);
        Assert.Equal("0209010000010200020101", Bytes.ToHex(bytes.Written));
        Assert.Equal(set, IdSet.DecodeV2(bytes.Written));
        Assert.Equal(set.GetHashCode(), IdSet.DecodeV2(bytes.Written).GetHashCode());
        Assert.Throws<ArgumentException>(() => IdSet.Of([new ClockRange(1, 2, 1)]));
    }

    [Fact]
    public void An_update_can_be_read_by_people()
    {
        string text = YUpdate.Describe(Bytes.FromHex(Merge(Ab, X, Deletion)));
        Assert.Equal("1:0-2 String in root \"t\" \"ab\"\n1:2-4 Skip\n1:4-5 String after 1:0 before 1:1 \"X\"\ndelete 1:0-1\n", text);
        Assert.Equal(text, YUpdate.DescribeV2(YUpdate.ConvertV1ToV2(Bytes.FromHex(Merge(Ab, X, Deletion)))));
    }

    private static string Merge(params string[] updates) =>
        Bytes.ToHex(YUpdate.MergeUpdates([.. updates.Select(update => (ReadOnlyMemory<byte>)Bytes.FromHex(update))]));

    private static string Hex(string hex) => hex.Replace(" ", "", StringComparison.Ordinal);
}
