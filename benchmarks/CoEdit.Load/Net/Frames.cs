using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CoEdit.Load;

/// <summary>Headers and masks of WebSocket frames (RFC 6455 §5.2).</summary>
internal static class Frames
{
    /// <summary>Writes the header without a masking key and returns its length.</summary>
    public static int PutHeader(Span<byte> frame, byte firstByte, int length, bool masked)
    {
        int mask = masked ? 0x80 : 0;
        frame[0] = firstByte;
        switch (length)
        {
            case < 126:
                frame[1] = (byte)(mask | length);
                return 2;
            case <= ushort.MaxValue:
                frame[1] = (byte)(mask | 126);
                BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)length);
                return 4;
            default:
                frame[1] = (byte)(mask | 127);
                BinaryPrimitives.WriteInt64BigEndian(frame[2..], length);
                return 10;
        }
    }

    /// <summary>Writes the masking key and the payload under it.</summary>
    public static void PutMasked(Span<byte> target, ReadOnlySpan<byte> payload, uint key)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, key);
        Span<byte> masked = target.Slice(4, payload.Length);
        payload.CopyTo(masked);
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(masked);
        uint wordKey = BitConverter.IsLittleEndian ? key : BinaryPrimitives.ReverseEndianness(key);
        for (int i = 0; i < words.Length; i++)
            words[i] ^= wordKey;
        for (int i = words.Length * 4; i < masked.Length; i++)
            masked[i] ^= (byte)(key >> (8 * (i & 3)));
    }
}
