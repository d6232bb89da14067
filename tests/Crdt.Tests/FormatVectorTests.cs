using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Updates as Yjs 13.6 wrote them, and what a store that took them in has to say.</summary>
public class FormatVectorTests
{
    [Theory]
    [InlineData("010101000401017405 68656c6c6f 00")]
    [InlineData("0103010004010174016881010002840102026c6f0101010102")]
    [InlineData("010201002101016d016b01a80100017701780101010001")]
    [InlineData("0104010008010161047d017701737e7883010302090887010401280001050171017c3fc0000000")]
    [InlineData("0104010008010161047d017701737e788301030209088101040100010101010502")]
    [InlineData("0106010004010174016184010001628401010163c60100010104626f6c640474727565c60101010204626f6c64046e756c6c8501020b7b22696d67223a2275227d00")]
    [InlineData("010501000701017803015028000100017a017701312800010001610177013207000100060400010302686900")]
    [InlineData("010101002901016d01730473756231760302676379086175746f4c6f616478046d657461760101617d0100")]
    [InlineData("02010200040101740242420101000401017402414100")]
    [InlineData("01040100040101740161810100018401010163c40101010201580101010101")]
    [InlineData("0104010008010174017d0181010001880101017d03c801000101017701580101010101")]
    [InlineData("010301002101016d0174010005a80100017701780101010006")]
    [InlineData("020102002801016d016b017701420101002101016d016b010101010001")]
    [InlineData("01010200000100")]
    public void A_document_is_given_back_as_it_came(string hex)
    {
        byte[] update = Bytes.FromHex(hex);
        UpdateStore store = new();
        ApplyResult result = store.Apply(update);
        store.CheckInvariants();
        if (hex == "01010200000100")
        {
            Assert.Equal("0101020000010102010001", Bytes.ToHex(store.EncodeState()));
            return;
        }

        Assert.Equal(ApplyOutcome.Whole, result.Outcome);
        Assert.Equal(Bytes.ToHex(update), Bytes.ToHex(store.EncodeState()));
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(update).Outcome);
        store.CheckInvariants();
    }

    [Fact]
    public void Merging_with_a_hole_writes_a_skip()
    {
        UpdateStore store = Stores.From(Bytes.FromHex("010101000401017402616200"), Bytes.FromHex("01010104c401000101015800"));
        Assert.Equal("01030100040101740261620a02c401000101015800", store.Hex());
        Assert.Equal("010102", Bytes.ToHex(store.EncodeStateVector()));
    }

    [Theory]
    [InlineData("01010104c401000101015800")]
    [InlineData("000101010001")]
    public void What_waits_is_part_of_the_state_but_not_of_the_vector(string hex)
    {
        UpdateStore store = Stores.From(Bytes.FromHex(hex));
        Assert.True(store.HasPending);
        Assert.Equal(hex, store.Hex());
        Assert.Equal([0], store.EncodeStateVector());
    }

    [Fact]
    public void A_diff_starts_inside_a_text_with_the_unit_before_as_origin()
    {
        UpdateStore store = Stores.From(
            Bytes.FromHex("010101000401017402616200"),
            Bytes.FromHex("0101010284010102636400"),
            Bytes.FromHex("01010104c401000101015800"),
            Bytes.FromHex("000101010001"));
        Assert.Equal("010201038401020164c40100010101580101010001", Bytes.ToHex(store.EncodeDiff(Bytes.FromHex("010103"))));
    }

    [Fact]
    public void Clients_are_written_highest_first()
    {
        UpdateStore store = Stores.From(Bytes.FromHex("02010200040101740242420101000401017402414100"));
        Assert.Equal("0202020102", Bytes.ToHex(store.EncodeStateVector()));
    }
}
