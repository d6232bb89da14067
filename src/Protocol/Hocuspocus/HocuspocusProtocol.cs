using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Protocol;

/// <summary>Builds the messages of the Hocuspocus protocol, as arrays of exactly their size.</summary>
/// <remarks>
/// Most take a <i>prefix</i>: an address with its length in front (<see cref="Prefix"/>). An answer repeats the address of its question
/// byte for byte, for a provider finds itself by it.
/// </remarks>
public static class HocuspocusProtocol
{
    private const string ReadWrite = "read-write";
    private const string ReadOnly = "readonly";

    private static readonly byte[] PingFrame = [(byte)HocuspocusMessageType.Ping];

    /// <summary>The whole message <c>09</c>, which provider 4 answers with <c>0a</c>.</summary>
    public static ReadOnlyMemory<byte> Ping => PingFrame;

    /// <summary>The bytes with which every message for <paramref name="address"/> begins: <c>u(length) address</c>.</summary>
    public static byte[] Prefix(ReadOnlySpan<byte> address)
    {
        var prefix = new byte[Lib0Writer.VarUIntLength((ulong)address.Length) + address.Length];
        int at = Lib0Writer.PutVarUInt(prefix, (ulong)address.Length);
        address.CopyTo(prefix.AsSpan(at));
        return prefix;
    }

    /// <summary>Puts an address before a message that has none, such as one of the y-websocket protocol.</summary>
    public static byte[] Addressed(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message)
    {
        var frame = new byte[prefix.Length + message.Length];
        prefix.CopyTo(frame);
        message.CopyTo(frame.AsSpan(prefix.Length));
        return frame;
    }

    /// <summary>Builds <c>02 02 str</c>: the client is in, to read and write or only to read.</summary>
    public static byte[] Authenticated(ReadOnlySpan<byte> prefix, bool mayWrite) =>
        WithText(prefix, [(byte)HocuspocusMessageType.Auth, (byte)HocuspocusAuthType.Authenticated], mayWrite ? ReadWrite : ReadOnly);

    /// <summary>Builds <c>02 01 str(reason)</c>: the client is not let into this document.</summary>
    public static byte[] PermissionDenied(ReadOnlySpan<byte> prefix, ReadOnlySpan<char> reason) =>
        WithText(prefix, [(byte)HocuspocusMessageType.Auth, (byte)HocuspocusAuthType.PermissionDenied], reason);

    /// <summary>Builds <c>02 00</c>: the client is asked for its token again. Providers before 3 ignore it.</summary>
    public static byte[] AskForToken(ReadOnlySpan<byte> prefix) =>
        Addressed(prefix, [(byte)HocuspocusMessageType.Auth, (byte)HocuspocusAuthType.Token]);

    /// <summary>Builds <c>08 01</c>, one write is kept, or <c>08 00</c>, it is not.</summary>
    public static byte[] SyncStatus(ReadOnlySpan<byte> prefix, bool kept) =>
        Addressed(prefix, [(byte)HocuspocusMessageType.SyncStatus, kept ? (byte)1 : (byte)0]);

    /// <summary>Builds <c>07 str(reason)</c>: the client is out of this document. Not for provider 2, which breaks on it.</summary>
    public static byte[] Close(ReadOnlySpan<byte> prefix, ReadOnlySpan<char> reason) =>
        WithText(prefix, [(byte)HocuspocusMessageType.Close], reason);

    /// <summary>Builds <c>05 str(payload)</c>, without an address.</summary>
    public static byte[] Stateless(ReadOnlySpan<char> payload) => WithText([], [(byte)HocuspocusMessageType.Stateless], payload);

    private static byte[] WithText(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> head, ReadOnlySpan<char> text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        int lengthLength = Lib0Writer.VarUIntLength((ulong)length);
        var frame = new byte[prefix.Length + head.Length + lengthLength + length];
        prefix.CopyTo(frame);
        head.CopyTo(frame.AsSpan(prefix.Length));
        Lib0Writer.PutVarUInt(frame.AsSpan(prefix.Length + head.Length), (ulong)length);
        Encoding.UTF8.GetBytes(text, frame.AsSpan(frame.Length - length));
        return frame;
    }
}
