using CoEdit.Crdt;

namespace CoEdit.Protocol.Tests;

public class HocuspocusFrameTests
{
    // Frames recorded between provider 4.8 and its reference server.
    [Theory]
    [InlineData("01 64 02 00 02 72 77 05 34 2e 38 2e 30", HocuspocusMessageType.Auth, "64", "00027277" + "05342e382e30")]
    [InlineData("01 64 00 00 01 00", HocuspocusMessageType.Sync, "64", "000100")]
    [InlineData("01 64 01 06 01 41 00 02 7b 7d", HocuspocusMessageType.Awareness, "64", "06014100027b7d")]
    [InlineData("01 64 03", HocuspocusMessageType.QueryAwareness, "64", "")]
    [InlineData("01 64 07", HocuspocusMessageType.Close, "64", "")]
    [InlineData("04 64 00 73 31 02 00 00", HocuspocusMessageType.Auth, "64007331", "0000")]
    [InlineData("81 00 64 07", HocuspocusMessageType.Close, "64", "")] // a length in more bytes than it needs
    public void Recorded_frames_read_as_what_they_are(string hex, HocuspocusMessageType type, string address, string body)
    {
        byte[] bytes = Hex.Bytes(hex);
        HocuspocusFrame frame = HocuspocusFrame.Read(bytes);

        Assert.Equal(type, frame.Type);
        Assert.Equal(address, Hex.Of(frame.Address));
        Assert.Equal(body, Hex.Of(frame.Body));
        Assert.Equal("64", Hex.Of(frame.DocumentName));
        HocuspocusFrame.ReadMessage(bytes.AsSpan(frame.MessageOffset), out HocuspocusMessageType again, out ReadOnlySpan<byte> rest);
        Assert.Equal((type, body), (again, Hex.Of(rest)));
    }

    [Fact]
    public void A_pong_is_one_byte_without_an_address()
    {
        Assert.Equal(HocuspocusMessageType.Pong, HocuspocusFrame.Read([0x0a]).Type);
        Assert.Throws<MalformedUpdateException>(() => _ = HocuspocusFrame.Read([0x0a, 0x61]).Type);
    }

    [Fact]
    public void An_unknown_type_is_not_an_error()
    {
        Assert.Equal((HocuspocusMessageType)77, HocuspocusFrame.Read(Hex.Bytes("01 64 4d 01")).Type);
        Assert.False(Enum.IsDefined(HocuspocusFrame.Read(Hex.Bytes("01 64 ff ff ff ff ff ff ff 0f")).Type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("09")]
    [InlineData("01")]
    [InlineData("01 64")]
    [InlineData("01 64 80")]
    [InlineData("ff ff ff ff 0f 64 00")]
    [InlineData("ff ff ff ff ff ff ff ff ff 64 00")]
    public void Broken_framing_is_refused(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => _ = HocuspocusFrame.Read(Hex.Bytes(hex)).Type);

    [Fact]
    public void The_version_in_an_authentication_message_is_optional()
    {
        Assert.True(HocuspocusFrame.ReadToken(Hex.Bytes("00 02 72 77"), out string token, out string? version));
        Assert.Equal(("rw", null), (token, version));
        Assert.True(HocuspocusFrame.ReadToken(Hex.Bytes("00 00 05 34 2e 38 2e 30"), out token, out version));
        Assert.Equal(("", "4.8.0"), (token, version));
        Assert.False(HocuspocusFrame.ReadToken(Hex.Bytes("02 00"), out _, out _));
        Assert.Throws<MalformedUpdateException>(() => HocuspocusFrame.ReadToken(Hex.Bytes("00 05 72"), out _, out _));
    }

    [Fact]
    public void Messages_are_built_as_they_were_recorded()
    {
        byte[] prefix = HocuspocusProtocol.Prefix("d"u8);
        Assert.Equal("0164", Hex.Of(prefix));
        Assert.Equal("01640202" + "0a" + "726561642d7772697465", Hex.Of(HocuspocusProtocol.Authenticated(prefix, mayWrite: true)));
        Assert.Equal("01640202" + "08" + "726561646f6e6c79", Hex.Of(HocuspocusProtocol.Authenticated(prefix, mayWrite: false)));
        Assert.Equal("01640201" + "11" + Hex.Of("permission-denied"u8), Hex.Of(HocuspocusProtocol.PermissionDenied(prefix, "permission-denied")));
        Assert.Equal("01640200", Hex.Of(HocuspocusProtocol.AskForToken(prefix)));
        Assert.Equal("01640801", Hex.Of(HocuspocusProtocol.SyncStatus(prefix, kept: true)));
        Assert.Equal("01640800", Hex.Of(HocuspocusProtocol.SyncStatus(prefix, kept: false)));
        Assert.Equal("016407" + "12" + Hex.Of("provider_initiated"u8), Hex.Of(HocuspocusProtocol.Close(prefix, "provider_initiated")));
        Assert.Equal("0502c3a9", Hex.Of(HocuspocusProtocol.Stateless("é")));
        Assert.Equal("01640000" + "0100", Hex.Of(HocuspocusProtocol.Addressed(prefix, SyncProtocol.Step1([0]))));
        Assert.Equal("09", Hex.Of(HocuspocusProtocol.Ping.Span));
    }

    [Fact]
    public void A_long_address_has_a_length_of_two_bytes()
    {
        byte[] address = new byte[200];
        byte[] prefix = HocuspocusProtocol.Prefix(address);
        Assert.Equal(202, prefix.Length);
        Assert.Equal(200, HocuspocusFrame.Read(HocuspocusProtocol.SyncStatus(prefix, kept: true)).Address.Length);
    }
}
