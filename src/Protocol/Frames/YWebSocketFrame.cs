using CoEdit.Crdt;

namespace CoEdit.Protocol;

/// <summary>A view of one whole binary message of the y-websocket protocol: what it is and where its payload lies.</summary>
/// <remarks>
/// Nothing is copied or allocated, and the payload itself is not looked into. Non-minimal integers and bytes after the payload are legal
/// because stock clients read past both; <see cref="IsCanonical"/> tells whether there are any.
/// </remarks>
public readonly ref struct YWebSocketFrame
{
    private YWebSocketFrame(FrameKind kind, ReadOnlySpan<byte> frame, int payloadOffset, int payloadLength, bool isCanonical)
    {
        Kind = kind;
        Payload = frame.Slice(payloadOffset, payloadLength);
        PayloadOffset = payloadOffset;
        IsCanonical = isCanonical;
    }

    /// <summary>What the frame is.</summary>
    public FrameKind Kind { get; }

    /// <summary>The state vector, update or awareness update inside the frame: a slice of the input, valid as long as that is.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Offset of <see cref="Payload"/> from the start of the frame, in bytes.</summary>
    public int PayloadOffset { get; }

    /// <summary>
    /// True when every integer of the framing has its shortest form and nothing follows the payload. Such a step 2 or update frame may be
    /// relayed byte for byte (a step 2 after <see cref="SyncProtocol.RetagAsUpdate"/>). False for <see cref="FrameKind.Unknown"/> and
    /// <see cref="FrameKind.Auth"/>, which are never relayed.
    /// </summary>
    public bool IsCanonical { get; }

    // frame          = u(0) sync | u(1) buf(awareness update) | u(2) auth | u(3) | u(other) anything
    // sync           = u(0) buf(state vector) | u(1) buf(update) | u(2) buf(update)

    /// <summary>Reads the framing of one message.</summary>
    /// <exception cref="MalformedUpdateException">
    /// The frame is empty, ends in the middle of a value, or is a sync message of an unknown sub-type. A message type that is merely
    /// unknown is not an error: it reads as <see cref="FrameKind.Unknown"/>.
    /// </exception>
    public static YWebSocketFrame Read(ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty)
            throw new MalformedUpdateException("The frame is empty.");

        var reader = new Lib0Reader(frame);
        ulong type = reader.ReadVarUInt();
        bool shortest = reader.Position == 1; // every known type is below 128
        switch (type)
        {
            case (ulong)MessageType.Sync:
                int subTypeAt = reader.Position;
                ulong subType = reader.ReadVarUInt();
                FrameKind kind = subType switch
                {
                    (ulong)SyncMessageType.Step1 => FrameKind.SyncStep1,
                    (ulong)SyncMessageType.Step2 => FrameKind.SyncStep2,
                    (ulong)SyncMessageType.Update => FrameKind.Update,
                    _ => throw new MalformedUpdateException("The sync message has an unknown sub-type."),
                };
                shortest &= reader.Position == subTypeAt + 1;
                return WithBuffer(kind, frame, ref reader, shortest);

            case (ulong)MessageType.Awareness:
                return WithBuffer(FrameKind.Awareness, frame, ref reader, shortest);

            case (ulong)MessageType.Auth:
                return new YWebSocketFrame(FrameKind.Auth, frame, reader.Position, reader.Remaining, isCanonical: false);

            case (ulong)MessageType.QueryAwareness:
                return new YWebSocketFrame(FrameKind.QueryAwareness, frame, reader.Position, 0, shortest && reader.IsAtEnd);

            default:
                return new YWebSocketFrame(FrameKind.Unknown, frame, reader.Position, reader.Remaining, isCanonical: false);
        }
    }

    private static YWebSocketFrame WithBuffer(FrameKind kind, ReadOnlySpan<byte> frame, scoped ref Lib0Reader reader, bool shortest)
    {
        int lengthAt = reader.Position;
        ReadOnlySpan<byte> payload = reader.ReadVarBytes();
        int payloadOffset = reader.Position - payload.Length;
        shortest &= payloadOffset - lengthAt == Lib0Writer.VarUIntLength((ulong)payload.Length) && reader.IsAtEnd;
        return new YWebSocketFrame(kind, frame, payloadOffset, payload.Length, shortest);
    }
}
