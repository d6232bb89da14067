using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Protocol;

/// <summary>A view of one whole binary message of the Hocuspocus protocol: for which document it is, and what.</summary>
/// <remarks>
/// <para>
/// A socket carries any number of documents, so every message begins with an address: the document's name or, for providers that share one
/// document, the name, a NUL and a session id. What follows the address of a sync or awareness message is a message of the y-websocket
/// protocol (<see cref="YWebSocketFrame"/>).
/// </para>
/// <para>Nothing is copied or allocated, and the body is not looked into before one of the <c>Read</c> methods is called.</para>
/// </remarks>
public readonly ref struct HocuspocusFrame
{
    private const byte Separator = 0;

    private HocuspocusFrame(ReadOnlySpan<byte> address, int messageOffset, HocuspocusMessageType type, ReadOnlySpan<byte> body)
    {
        Address = address;
        MessageOffset = messageOffset;
        Type = type;
        Body = body;
    }

    /// <summary>The address as it was received, without its length; empty for <see cref="HocuspocusMessageType.Pong"/>.</summary>
    public ReadOnlySpan<byte> Address { get; }

    /// <summary>Offset of the message behind the address, in bytes: its type, then <see cref="Body"/>.</summary>
    public int MessageOffset { get; }

    /// <summary>What the message is; a value that has no name is a type this version does not know, and is ignored.</summary>
    public HocuspocusMessageType Type { get; }

    /// <summary>What follows the type.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The part of the address before its first NUL: the document's name, in UTF-8.</summary>
    public ReadOnlySpan<byte> DocumentName => NameIn(Address);

    // frame   = 0a | str(address) message
    // message = u(type) body

    /// <summary>Reads address and type of one message.</summary>
    /// <exception cref="MalformedUpdateException">The frame is empty or ends in the middle of its address or type.</exception>
    public static HocuspocusFrame Read(ReadOnlySpan<byte> frame)
    {
        // Without this, the one byte would read as an address of ten bytes that are not there.
        if (frame.Length == 1 && frame[0] == (byte)HocuspocusMessageType.Pong)
            return new HocuspocusFrame([], 0, HocuspocusMessageType.Pong, []);
        if (frame.IsEmpty)
            throw new MalformedUpdateException("The frame is empty.");
        var reader = new Lib0Reader(frame);
        ReadOnlySpan<byte> address = reader.ReadVarBytes();
        int messageOffset = reader.Position;
        ReadMessage(frame[messageOffset..], out HocuspocusMessageType type, out ReadOnlySpan<byte> body);
        return new HocuspocusFrame(address, messageOffset, type, body);
    }

    /// <summary>Reads a message whose address has been cut off.</summary>
    /// <exception cref="MalformedUpdateException">The message ends in the middle of its type.</exception>
    public static void ReadMessage(ReadOnlySpan<byte> message, out HocuspocusMessageType type, out ReadOnlySpan<byte> body)
    {
        var reader = new Lib0Reader(message);
        type = (HocuspocusMessageType)(int)Math.Min(reader.ReadVarUInt(), int.MaxValue);
        body = message[reader.Position..];
    }

    /// <summary>The part of <paramref name="address"/> before its first NUL.</summary>
    public static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> address)
    {
        int separator = address.IndexOf(Separator);
        return separator < 0 ? address : address[..separator];
    }

    /// <summary>Reads the body of an authentication message of a client.</summary>
    /// <param name="body">What follows the message type.</param>
    /// <param name="token">The token, which may be empty.</param>
    /// <param name="version">The provider's version, such as 4.8.0; null from providers before 4, which do not tell it.</param>
    /// <returns>False when it carries no token: clients send no other kind, and it is ignored.</returns>
    /// <exception cref="MalformedUpdateException">The body ends in the middle of a value.</exception>
    public static bool ReadToken(ReadOnlySpan<byte> body, out string token, out string? version)
    {
        token = "";
        version = null;
        var reader = new Lib0Reader(body);
        if (reader.ReadVarUInt() != (ulong)HocuspocusAuthType.Token)
            return false;
        token = Encoding.UTF8.GetString(reader.ReadVarBytes());
        if (!reader.IsAtEnd)
            version = Encoding.UTF8.GetString(reader.ReadVarBytes());
        return true;
    }

    /// <summary>Reads the body of a stateless message.</summary>
    /// <exception cref="MalformedUpdateException">The body ends in the middle of the text.</exception>
    public static string ReadText(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(new Lib0Reader(body).ReadVarBytes());

    /// <summary>True when the body of a sync message is a step 1.</summary>
    /// <exception cref="MalformedUpdateException">The body is empty or ends in the middle of its sub-type.</exception>
    public static bool IsStep1(ReadOnlySpan<byte> body) => new Lib0Reader(body).ReadVarUInt() == (ulong)SyncMessageType.Step1;
}
