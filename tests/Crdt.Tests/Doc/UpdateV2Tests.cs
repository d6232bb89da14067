using System.Text;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What only an update v2 can carry, and where both formats meet. The bytes are those of Yjs 13.6.33.</summary>
public sealed class UpdateV2Tests
{
    // "ab" whose "a" is formatted {n: 10n}, and an embed {big: 5n, u: undefined, b: bytes}.
    private const string BigIntegers =
        "000200020241040301000202000209040084004600c6008508057461626e6e4103010100000105007a000000000000000a7e7603036269677a"
        + "000000000000000501757f01627402010200";

    private static readonly string[] Waiting =
    [
        "0000010100000104060374616201020101000001010000",
        "00000241010100010201c501000000000101027601016e7a000000000000000700",
        "0000024100010200018403017a0100000001010300",
    ];

    private readonly YDoc _doc = new(new YDocOptions { ClientId = 9 });

    [Fact]
    public void Sixty_four_bit_integers_and_undefined_stay_what_they_are()
    {
        _doc.ApplyUpdateV2(Bytes.FromHex(BigIntegers));
        IReadOnlyList<YDeltaOp> delta = _doc.GetText("t").ToDelta();
        Assert.Equal(YValue.BigInt(10), delta[0].Attributes!["n"]);
        YObject embed = delta[2].Insert.AsObject();
        Assert.Equal(YValue.BigInt(5), embed["big"]);
        Assert.True(embed["u"].IsUndefined);
        Assert.Equal([1, 2], embed["b"].AsBinary());
        Assert.Equal(BigIntegers, Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
    }

    [Fact]
    public void They_have_no_update_v1()
    {
        List<string> raised = [];
        _doc.Updated += (_, _) => raised.Add("v1");
        _doc.UpdatedV2 += (_, _) => raised.Add("v2");

        // The transaction stands, as in Yjs: the next one finds the document in order.
        Assert.Throws<InvalidOperationException>(() => _doc.ApplyUpdateV2(Bytes.FromHex(BigIntegers)));
        Assert.Equal(["v2"], raised);
        Assert.Throws<InvalidOperationException>(() => _doc.EncodeStateAsUpdate());
        Assert.Equal(BigIntegers, Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        _doc.GetText("t").Insert(0, "x");
        Assert.Equal(["v2", "v1", "v2"], raised);
        Assert.Equal("xab", _doc.GetText("t").ToString());
        DocInvariants.Check(_doc);
    }

    [Fact]
    public void A_bare_undefined_has_no_update_v1_either()
    {
        const string State = "0002000202410302010002000207040084004600c608057461626e6e4103010100000104007f7e00";
        _doc.ApplyUpdateV2(Bytes.FromHex(State));
        Assert.True(_doc.GetText("t").ToDelta()[0].Attributes!["n"].IsUndefined);
        Assert.Equal(State, Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        Assert.Throws<InvalidOperationException>(() => _doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void A_surrogate_pair_that_was_cut_between_two_strings_of_a_column_is_whole_again()
    {
        const string State = "000003010001010200030400840b077478f09f98807901420001010000020100010000";
        _doc.ApplyUpdateV2(Bytes.FromHex(State));
        YText text = _doc.GetText("t");
        Assert.Equal("x😀y", text.ToString());
        Assert.Equal(State, Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        Assert.Equal("02010100040101740478efbfbd01000084010104efbfbd7900", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
        _doc.ClientId = 5;
        text.Insert(2, "|");
        Assert.Equal("x\ud83d|\ude00y", text.ToString());
        Assert.Equal("000006050100010001020200010005c4000400840d087c7478f09f98807941004200010100000301000100010000", Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
    }

    [Fact]
    public void Half_a_pair_at_the_end_of_a_name_becomes_the_replacement_character()
    {
        _doc.ApplyUpdateV2(Bytes.FromHex("000002410102010000032700280d086d6e61f09f988062410042000301000001010241000103007d017d0200"));
        YMap map = (YMap)_doc.GetMap("m")["n"].AsType();
        Assert.Equal(["a\ufffd", "\ufffdb"], map.Keys);
        Assert.Equal(
            "010301002701016d016e01280001000461efbfbd017d012800010004efbfbd62017d0200", Bytes.ToHex(_doc.EncodeStateAsUpdate()));
    }

    [Fact]
    public void What_waits_keeps_values_that_only_v2_can_carry()
    {
        _doc.ApplyUpdateV2(Bytes.FromHex(Waiting[1]));
        _doc.ApplyUpdateV2(Bytes.FromHex(Waiting[2]));
        Assert.True(_doc.HasPending);
        Assert.Equal("0000024102020002010203c5008403017a010000000102027601016e7a000000000000000700", Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        Assert.Throws<InvalidOperationException>(() => _doc.EncodeStateAsUpdate());
        _doc.ApplyUpdateV2(Bytes.FromHex(Waiting[0]));
        Assert.False(_doc.HasPending);
        Assert.Equal(
            "00000241030301000201020704008400c5008407047461627a4102010100000104007601016e7a000000000000000700",
            Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        Assert.Equal(
            "0000024103030100020102058400c500840502627a41000000000103017601016e7a000000000000000700",
            Bytes.ToHex(_doc.EncodeStateAsUpdateV2([1, 1, 1])));
    }

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(2, 1, 2)]
    [InlineData(2, 2, 1)]
    [InlineData(2, 1, 1)]
    public void Both_formats_can_wait_together(int first, int second, int third)
    {
        string[] v1 =
        [
            "010101000401017402616200",
            "01010102c401000101013100",
            "010201034601000162097b2278223a312e357dc6010001020162046e756c6c00",
            "01010105840101017a00",
        ];
        void Apply(int format, int number)
        {
            if (format == 1)
                _doc.ApplyUpdate(Bytes.FromHex(v1[number]));
            else
                _doc.ApplyUpdateV2(YUpdate.ConvertV1ToV2(Bytes.FromHex(v1[number])));
        }

        Apply(first, 3);
        Apply(second, 2);
        Apply(third, 1);
        Assert.Equal(
            "00020002024105030100020302420407c4004600c6008407043162627a4102000000010402760101787c3fc000007e00",
            Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
        Assert.Equal(
            "01040102c40100010101314601000162097b2278223a312e357dc6010001020162046e756c6c840101017a00",
            Bytes.ToHex(_doc.EncodeStateAsUpdate()));
        Apply(first, 0);
        Assert.False(_doc.HasPending);
        Assert.Equal(
            "0002000202410603010102030242040b04008400c4004600c600840a077461623162627a410501010000010600760101787c3fc000007e00",
            Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
    }

    [Fact]
    public void Every_kind_of_content_comes_through()
    {
        const string State =
            "00030003000241080800030000060301500013070087010400870001008800830089008800280b087870687170616763410607010000000100"
            + "000403050603024102010b0077017301037601046d6574617601016b7d017601016f75027e787701640101010500";
        _doc.ApplyUpdateV2(Bytes.FromHex(State));
        Assert.Equal("<p c=\"d\"></p>[object Object]q<p></p>", _doc.GetXmlFragment("x").ToString());
        YArray array = _doc.GetArray("a");
        Assert.Equal("s", array[0].AsString());
        Assert.Equal([3], array[1].AsBinary());
        Assert.Equal("g", array[2].AsDocument().Guid);
        Assert.Equal("{\"k\":1}", array[2].AsDocument().Meta.ToString());
        Assert.Equal("{\"o\":[null,true]}", array[3].ToString());
        Assert.Equal(State, Bytes.ToHex(_doc.EncodeStateAsUpdateV2()));
    }

    [Fact]
    public void Legacy_json_elements_come_through_and_can_be_cut()
    {
        byte[] v1 = Bytes.FromHex("0101 0100 02 0101 61 03 0131 09 756e646566696e6564 07 7b2278223a317d 00");
        _doc.ApplyUpdateV2(YUpdate.ConvertV1ToV2(v1));
        Assert.Equal(v1, _doc.EncodeStateAsUpdate());
        _doc.GetArray("a").Insert(1, true);
        YDoc peer = new();
        peer.ApplyUpdate(_doc.EncodeStateAsUpdate());
        Assert.Equal(_doc.EncodeStateAsUpdateV2(), peer.EncodeStateAsUpdateV2());
        Assert.Equal(4, peer.GetArray("a").Count);
    }

    [Fact]
    public void Only_the_unknown_end_of_a_struct_is_taken_over()
    {
        YDoc author = new(new YDocOptions { ClientId = 1 });
        author.GetText("t").Insert(0, "ab");
        author.GetArray("a").Push(1, 2);
        _doc.ApplyUpdateV2(author.EncodeStateAsUpdateV2());
        author.GetText("t").Insert(2, "é😀d");
        author.GetArray("a").Push(3);
        _doc.ApplyUpdateV2(author.EncodeStateAsUpdateV2());
        Assert.Equal("abé😀d", _doc.GetText("t").ToString());
        Assert.Equal("[1,2,3]", _doc.GetArray("a").ToJson().ToString());
        Assert.Equal(author.EncodeStateAsUpdate(), _doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void A_long_key_that_is_referred_to_again_and_again_costs_its_length_once()
    {
        const int Structs = 200_000;
        byte[] key = Encoding.ASCII.GetBytes(new string('k', 100_000));
        UpdateEncoderV2 encoder = new();
        encoder.Rest.WriteVarUInt(1);
        encoder.Rest.WriteVarUInt(Structs);
        encoder.WriteClient(1);
        encoder.Rest.WriteByte(0);
        for (uint i = 0; i < Structs; i++)
        {
            encoder.WriteInfo((byte)StructKind.Format);
            encoder.WriteParentInfo(isRoot: true);
            encoder.WriteString(new WireText("t"u8), 1);
            if (i == 0)
                encoder.WriteKey(new WireText(key));
            encoder.WriteJsonText("true"u8);
        }

        encoder.Rest.WriteByte(0);
        ByteBuffer target = new();
        encoder.Finish(target);
        byte[] update = target.Written.ToArray();

        // The column of key numbers says "0" once; here it says so for every struct.
        byte[] run = [1, .. Varint(Structs - 2)];
        byte[] repeated = [update[0], (byte)run.Length, .. run, .. update[3..]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        _doc.ApplyUpdateV2(repeated);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000);
        Assert.Equal((uint)Structs, _doc.GetStateVector()[1]);
    }

    private static byte[] Varint(uint value)
    {
        ByteBuffer buffer = new();
        buffer.WriteVarUInt(value);
        return buffer.Written.ToArray();
    }
}
