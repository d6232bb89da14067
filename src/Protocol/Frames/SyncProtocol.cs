using System.Buffers;
using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Protocol;

/// <summary>Builds the messages of the y-websocket protocol.</summary>
/// <remarks>
/// Each message comes in two forms: as an array of exactly its size, to be shared by every peer that gets it, and written to a buffer
/// writer, for callers that bring their own memory.
/// </remarks>
public static class SyncProtocol
{
    private static readonly byte[] KeepAliveFrame = [(byte)MessageType.Awareness, 1, 0];

    /// <summary>
    /// An awareness message without entries, <c>01 01 00</c>. Clients accept it silently, and any message stops y-websocket from giving up
    /// a connection on which it heard nothing for 30 s (WebSocket pings do not).
    /// </summary>
    public static ReadOnlyMemory<byte> KeepAlive => KeepAliveFrame;

    /// <summary>Builds sync step 1: <c>00 00 buf(state vector)</c>.</summary>
    public static byte[] Step1(ReadOnlySpan<byte> stateVector) => Sync(SyncMessageType.Step1, stateVector);

    /// <summary>Writes sync step 1: <c>00 00 buf(state vector)</c>.</summary>
    public static void Step1<TWriter>(TWriter writer, ReadOnlySpan<byte> stateVector)
        where TWriter : IBufferWriter<byte>, allows ref struct =>
        Sync(writer, SyncMessageType.Step1, stateVector);

    /// <summary>Builds sync step 2, the answer to a step 1: <c>00 01 buf(update)</c>.</summary>
    public static byte[] Step2(ReadOnlySpan<byte> update) => Sync(SyncMessageType.Step2, update);

    /// <summary>Writes sync step 2, the answer to a step 1: <c>00 01 buf(update)</c>.</summary>
    public static void Step2<TWriter>(TWriter writer, ReadOnlySpan<byte> update)
        where TWriter : IBufferWriter<byte>, allows ref struct =>
        Sync(writer, SyncMessageType.Step2, update);

    /// <summary>Builds an update message: <c>00 02 buf(update)</c>.</summary>
    public static byte[] Update(ReadOnlySpan<byte> update) => Sync(SyncMessageType.Update, update);

    /// <summary>Writes an update message: <c>00 02 buf(update)</c>.</summary>
    public static void Update<TWriter>(TWriter writer, ReadOnlySpan<byte> update)
        where TWriter : IBufferWriter<byte>, allows ref struct =>
        Sync(writer, SyncMessageType.Update, update);

    /// <summary>Builds an awareness message: <c>01 buf(awareness update)</c>.</summary>
    public static byte[] Awareness(ReadOnlySpan<byte> awarenessUpdate)
    {
        var frame = new byte[1 + Lib0Writer.VarUIntLength((ulong)awarenessUpdate.Length) + awarenessUpdate.Length];
        frame[0] = (byte)MessageType.Awareness;
        PutBuffer(frame.AsSpan(1), awarenessUpdate);
        return frame;
    }

    /// <summary>Writes an awareness message: <c>01 buf(awareness update)</c>.</summary>
    public static void Awareness<TWriter>(TWriter writer, ReadOnlySpan<byte> awarenessUpdate)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        writer.WriteByte((byte)MessageType.Awareness);
        writer.WriteVarBytes(awarenessUpdate);
    }

    /// <summary>Builds the auth message that says why access is denied: <c>02 00 str(reason)</c>.</summary>
    public static byte[] PermissionDenied(ReadOnlySpan<char> reason)
    {
        int length = Encoding.UTF8.GetByteCount(reason);
        int prefix = Lib0Writer.VarUIntLength((ulong)length);
        var frame = new byte[2 + prefix + length];
        frame[0] = (byte)MessageType.Auth;
        frame[1] = 0;
        Lib0Writer.PutVarUInt(frame.AsSpan(2), (ulong)length);
        Encoding.UTF8.GetBytes(reason, frame.AsSpan(2 + prefix));
        return frame;
    }

    /// <summary>Writes the auth message that says why access is denied: <c>02 00 str(reason)</c>.</summary>
    public static void PermissionDenied<TWriter>(TWriter writer, ReadOnlySpan<char> reason)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        writer.WriteByte((byte)MessageType.Auth);
        writer.WriteByte(0);
        writer.WriteVarString(reason);
    }

    /// <summary>Builds the acknowledgement <c>64 u(count) u(0)</c>: the first <paramref name="count"/> sync frames are on disk.</summary>
    public static byte[] Acknowledged(ulong count)
    {
        var frame = new byte[2 + Lib0Writer.VarUIntLength(count)];
        frame[0] = (byte)MessageType.Acknowledgement;
        Lib0Writer.PutVarUInt(frame.AsSpan(1), count); // the zero behind it is there already
        return frame;
    }

    /// <summary>Builds <c>64 u(number) u(1) str(reason)</c>: that sync frame was refused, and nothing of it was kept.</summary>
    public static byte[] Refused(ulong number, ReadOnlySpan<char> reason)
    {
        int length = Encoding.UTF8.GetByteCount(reason);
        int numberLength = Lib0Writer.VarUIntLength(number);
        var frame = new byte[2 + numberLength + Lib0Writer.VarUIntLength((ulong)length) + length];
        frame[0] = (byte)MessageType.Acknowledgement;
        Lib0Writer.PutVarUInt(frame.AsSpan(1), number);
        frame[1 + numberLength] = 1;
        Lib0Writer.PutVarUInt(frame.AsSpan(2 + numberLength), (ulong)length);
        Encoding.UTF8.GetBytes(reason, frame.AsSpan(frame.Length - length));
        return frame;
    }

    /// <summary>Builds the first frame of an acknowledged socket, <c>65 str(epoch)</c>: which life of the document this is.</summary>
    public static byte[] Epoch(ReadOnlySpan<char> epoch)
    {
        int length = Encoding.UTF8.GetByteCount(epoch);
        var frame = new byte[1 + Lib0Writer.VarUIntLength((ulong)length) + length];
        frame[0] = (byte)MessageType.Epoch;
        Lib0Writer.PutVarUInt(frame.AsSpan(1), (ulong)length);
        Encoding.UTF8.GetBytes(epoch, frame.AsSpan(frame.Length - length));
        return frame;
    }

    /// <summary>
    /// Turns a step 2 frame into the update frame with the same content, in place, so that it can be broadcast without copying it: clients
    /// that receive a step 2 they did not ask for would call themselves synced.
    /// </summary>
    /// <param name="canonicalStep2Frame">A frame that read as <see cref="FrameKind.SyncStep2"/> and is canonical.</param>
    /// <exception cref="ArgumentException">The frame does not begin with <c>00 01</c>. Nothing was written.</exception>
    public static void RetagAsUpdate(Span<byte> canonicalStep2Frame)
    {
        if (canonicalStep2Frame.Length < 3 || canonicalStep2Frame[0] != (byte)MessageType.Sync ||
            canonicalStep2Frame[1] != (byte)SyncMessageType.Step2)
            throw new ArgumentException("Not a canonical sync step 2 frame.", nameof(canonicalStep2Frame));
        canonicalStep2Frame[1] = (byte)SyncMessageType.Update;
    }

    private static byte[] Sync(SyncMessageType subType, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[2 + Lib0Writer.VarUIntLength((ulong)payload.Length) + payload.Length];
        frame[0] = (byte)MessageType.Sync;
        frame[1] = (byte)subType;
        PutBuffer(frame.AsSpan(2), payload);
        return frame;
    }

    private static void Sync<TWriter>(TWriter writer, SyncMessageType subType, ReadOnlySpan<byte> payload)
        where TWriter : IBufferWriter<byte>, allows ref struct
    {
        writer.WriteByte((byte)MessageType.Sync);
        writer.WriteByte((byte)subType);
        writer.WriteVarBytes(payload);
    }

    private static void PutBuffer(Span<byte> target, ReadOnlySpan<byte> bytes)
    {
        int prefix = Lib0Writer.PutVarUInt(target, (ulong)bytes.Length);
        bytes.CopyTo(target[prefix..]);
    }
}
