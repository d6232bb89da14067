using CoEdit.Crdt;

namespace CoEdit.Protocol.Tests;

public class YWebSocketFrameTests
{
    // Frames recorded between y-websocket and its reference server.
    [Theory]
    [InlineData("00 00 01 00", FrameKind.SyncStep1, "00", 3)]
    [InlineData("00 00 03 01 41 02", FrameKind.SyncStep1, "014102", 3)]
    [InlineData("00 01 02 00 00", FrameKind.SyncStep2, "0000", 3)]
    [InlineData("00 02 0c 01 01 41 00 04 01 01 74 02 68 69 00", FrameKind.Update, "010141000401017402686900", 3)]
    [InlineData("01 06 01 41 00 02 7b 7d", FrameKind.Awareness, "014100027b7d", 2)]
    [InlineData("01 08 01 42 01 04 6e 75 6c 6c", FrameKind.Awareness, "014201046e756c6c", 2)]
    [InlineData("01 01 00", FrameKind.Awareness, "00", 2)]
    [InlineData("03", FrameKind.QueryAwareness, "", 1)]
    public void Recorded_frames_read_as_what_they_are(string hex, FrameKind kind, string payload, int offset)
    {
        YWebSocketFrame frame = YWebSocketFrame.Read(Hex.Bytes(hex));

        Assert.Equal(kind, frame.Kind);
        Assert.Equal(payload, Hex.Of(frame.Payload));
        Assert.Equal(offset, frame.PayloadOffset);
        Assert.True(frame.IsCanonical);
    }

    [Theory]
    [InlineData("80 00 02 01 00", FrameKind.Update, "00", 4)] // long message type
    [InlineData("00 82 00 01 00", FrameKind.Update, "00", 4)] // long sub-type
    [InlineData("00 02 81 00 00", FrameKind.Update, "00", 4)] // long length
    [InlineData("00 02 01 00 ff", FrameKind.Update, "00", 3)] // a byte after the payload
    [InlineData("81 00 01 00", FrameKind.Awareness, "00", 3)]
    [InlineData("03 00", FrameKind.QueryAwareness, "", 1)]
    public void Unusual_but_legal_framing_is_read_and_marked_as_not_canonical(string hex, FrameKind kind, string payload, int offset)
    {
        YWebSocketFrame frame = YWebSocketFrame.Read(Hex.Bytes(hex));

        Assert.Equal(kind, frame.Kind);
        Assert.Equal(payload, Hex.Of(frame.Payload));
        Assert.Equal(offset, frame.PayloadOffset);
        Assert.False(frame.IsCanonical);
    }

    [Theory]
    [InlineData("04")]
    [InlineData("05 01 02 03")]
    [InlineData("64 00 00")]
    [InlineData("80 01")]
    [InlineData("ff ff ff ff ff ff ff 0f")] // 2^53 - 1
    public void An_unknown_message_type_is_not_an_error(string hex)
    {
        YWebSocketFrame frame = YWebSocketFrame.Read(Hex.Bytes(hex));

        Assert.Equal(FrameKind.Unknown, frame.Kind);
        Assert.False(frame.IsCanonical);
    }

    [Fact]
    public void An_auth_message_carries_everything_after_its_type()
    {
        YWebSocketFrame frame = YWebSocketFrame.Read(SyncProtocol.PermissionDenied("no"));

        Assert.Equal(FrameKind.Auth, frame.Kind);
        Assert.Equal("00026e6f", Hex.Of(frame.Payload));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("80")]
    [InlineData("00 00")]
    [InlineData("00 03 00")] // unknown sub-type
    [InlineData("00 ff ff 03 00")]
    [InlineData("00 02 02 00")]
    [InlineData("00 02 80")]
    [InlineData("01 ff ff ff ff 0f 00")] // a length of 2^32 - 1
    [InlineData("01 ff ff ff ff ff ff ff 0f 00")] // 2^53 - 1
    [InlineData("01 ff ff ff ff ff ff ff ff 7f 00")] // above 53 bits
    [InlineData("ff ff ff ff ff ff ff ff ff ff 01")]
    public void Broken_framing_is_refused(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => YWebSocketFrame.Read(Hex.Bytes(hex)).Kind);

    [Fact]
    public void Every_truncation_of_a_frame_is_refused()
    {
        byte[] whole = SyncProtocol.Update(new byte[300]);
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<MalformedUpdateException>(() => YWebSocketFrame.Read(whole.AsSpan(0, length)).Kind);
    }

    [Fact]
    public void Reading_a_frame_allocates_nothing()
    {
        byte[] frame = SyncProtocol.Update(new byte[300]);
        int sum = YWebSocketFrame.Read(frame).PayloadOffset;

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            sum += YWebSocketFrame.Read(frame).Payload.Length;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(300_004, sum);
    }
}
