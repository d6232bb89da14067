using System.Buffers;

namespace CoEdit.Protocol.Tests;

public class SyncProtocolTests
{
    [Fact]
    public void Messages_have_the_bytes_that_clients_expect()
    {
        byte[] update = Hex.Bytes("010141000401017402686900");

        Assert.Equal("00000100", Hex.Of(SyncProtocol.Step1([0])));
        Assert.Equal("000003014102", Hex.Of(SyncProtocol.Step1(Hex.Bytes("014102"))));
        Assert.Equal("0001020000", Hex.Of(SyncProtocol.Step2([0, 0])));
        Assert.Equal("00020c010141000401017402686900", Hex.Of(SyncProtocol.Update(update)));
        Assert.Equal("010b014101077b2275223a317d", Hex.Of(SyncProtocol.Awareness(Inner.Of(0x41, 1, """{"u":1}"""))));
        Assert.Equal("0200026e6f", Hex.Of(SyncProtocol.PermissionDenied("no")));
        Assert.Equal("010100", Hex.Of(SyncProtocol.KeepAlive.Span));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_384)]
    public void Both_forms_of_a_builder_write_the_same_bytes_and_read_back(int size)
    {
        var payload = new byte[size];
        new Random(size).NextBytes(payload);

        AssertSame(SyncProtocol.Step1(payload), w => SyncProtocol.Step1(w, payload), FrameKind.SyncStep1, payload);
        AssertSame(SyncProtocol.Step2(payload), w => SyncProtocol.Step2(w, payload), FrameKind.SyncStep2, payload);
        AssertSame(SyncProtocol.Update(payload), w => SyncProtocol.Update(w, payload), FrameKind.Update, payload);
        AssertSame(SyncProtocol.Awareness(payload), w => SyncProtocol.Awareness(w, payload), FrameKind.Awareness, payload);
    }

    [Fact]
    public void A_reason_is_written_in_utf8()
    {
        var writer = new ArrayBufferWriter<byte>();
        SyncProtocol.PermissionDenied(writer, "kein Zugriff für ключ");

        Assert.Equal(SyncProtocol.PermissionDenied("kein Zugriff für ключ"), writer.WrittenSpan.ToArray());
        Assert.Equal(2 + 1 + 26, writer.WrittenCount);
    }

    [Fact]
    public void The_keep_alive_is_an_awareness_update_that_changes_nothing()
    {
        YWebSocketFrame frame = YWebSocketFrame.Read(SyncProtocol.KeepAlive.Span);
        var table = new AwarenessTable();

        Assert.Equal(FrameKind.Awareness, frame.Kind);
        Assert.Equal(default, table.Apply(table.Join(), frame.Payload, 0));
    }

    [Fact]
    public void A_step_2_becomes_an_update_in_place()
    {
        byte[] frame = SyncProtocol.Step2([1, 2, 3]);

        SyncProtocol.RetagAsUpdate(frame);

        Assert.Equal(SyncProtocol.Update([1, 2, 3]), frame);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00 01")]
    [InlineData("00 00 01 00")]
    [InlineData("00 02 01 00")]
    [InlineData("01 01 00")]
    [InlineData("80 00 01 01 00")]
    public void Nothing_but_a_canonical_step_2_can_be_retagged(string hex)
    {
        byte[] frame = Hex.Bytes(hex);

        Assert.Throws<ArgumentException>(() => SyncProtocol.RetagAsUpdate(frame));
        Assert.Equal(Hex.Bytes(hex), frame);
    }

    private static void AssertSame(byte[] array, Action<ArrayBufferWriter<byte>> write, FrameKind kind, byte[] payload)
    {
        var writer = new ArrayBufferWriter<byte>();
        write(writer);
        Assert.Equal(array, writer.WrittenSpan.ToArray());

        YWebSocketFrame frame = YWebSocketFrame.Read(array);
        Assert.Equal(kind, frame.Kind);
        Assert.True(frame.IsCanonical);
        Assert.Equal(payload, frame.Payload.ToArray());
    }
}
