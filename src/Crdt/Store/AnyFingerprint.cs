using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CoEdit.Crdt;

/// <summary>Gives lib0 values that mean the same the same number, whatever the order of their properties.</summary>
/// <remarks>
/// Ports of Yjs keep objects in hash maps and write them in any order, so the order of keys proves nothing. Different numbers prove that
/// values differ, which is what an accusation needs; equal ones by chance or by design merely spare somebody the accusation. Nesting costs a
/// frame of a stack, not a call.
/// </remarks>
internal sealed class AnyFingerprint
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    private readonly List<Frame> _frames = [];

    private struct Frame
    {
        public bool IsObject;

        // The entry that is being read is a property that does not survive in JavaScript.
        public bool IsIgnored;
        public ulong Left;
        public ulong Key;
        public ulong Sum;
    }

    /// <summary>The number of one validated value in the form that <see cref="AnyWriter"/> gives it.</summary>
    /// <param name="any">The value; its objects have no key twice.</param>
    /// <param name="isJson">True when it stands for JSON text, which knows no infinity.</param>
    public ulong Of(ReadOnlySpan<byte> any, bool isJson)
    {
        _frames.Clear();
        Lib0Reader reader = new(any);
        while (true)
        {
            byte tag = reader.ReadByte();
            ulong value;
            if (tag is AnyTag.Object or AnyTag.Array)
            {
                Frame opened = new() { IsObject = tag == AnyTag.Object, Left = reader.ReadVarUInt() };
                _frames.Add(opened);
                value = 0;
            }
            else
            {
                value = Scalar(ref reader, tag, isJson);
                if (_frames.Count == 0)
                    return value;
                Take(ref CollectionsMarshal.AsSpan(_frames)[^1], value);
            }

            while (_frames[^1].Left == 0)
            {
                Frame closed = _frames[^1];
                _frames.RemoveAt(_frames.Count - 1);
                value = Mix(closed.IsObject ? AnyTag.Object : AnyTag.Array, closed.Sum);
                if (_frames.Count == 0)
                    return value;
                Take(ref CollectionsMarshal.AsSpan(_frames)[^1], value);
            }

            ref Frame frame = ref CollectionsMarshal.AsSpan(_frames)[^1];
            frame.Left--;
            if (frame.IsObject)
            {
                ReadOnlySpan<byte> key = reader.ReadVarBytes();
                frame.Key = Hash(key);

                // Lost when a lib0 value is read, kept when JSON is: which of the two happened on the way, nobody knows.
                frame.IsIgnored = key.SequenceEqual("__proto__"u8);
            }
        }
    }

    private static void Take(ref Frame frame, ulong value)
    {
        if (!frame.IsObject)
            frame.Sum = Mix(frame.Sum + 1, value);
        else if (!frame.IsIgnored)
            frame.Sum += Mix(frame.Key, value);
    }

    private static ulong Scalar(ref Lib0Reader reader, byte tag, bool isJson)
    {
        switch (tag)
        {
            case AnyTag.Integer or AnyTag.Float32 or AnyTag.Float64:
                double number = AnyWriter.ReadNumber(ref reader, tag);
                if (isJson && !double.IsFinite(number))
                    return Mix(AnyTag.Null, 0);
                number = double.IsNaN(number) ? double.NaN : number == 0 ? 0 : number; // JSON has no negative zero
                return Mix(AnyTag.Float64, BitConverter.DoubleToUInt64Bits(number));
            case AnyTag.BigInt:
                return Mix(AnyTag.BigInt, (ulong)reader.ReadInt64());
            case AnyTag.String or AnyTag.Bytes:
                return Mix(tag, Hash(reader.ReadVarBytes()));
            default:
                return Mix(tag, 0);
        }
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        foreach (byte b in bytes)
            rest = (rest << 8) | b;
        return Mix(hash, rest);
    }

    // The finisher of SplitMix64 (Steele, Lea, Flood 2014) over both words.
    private static ulong Mix(ulong a, ulong b)
    {
        ulong x = (BitOperations.RotateLeft(a * Prime, 29) ^ b) + Prime;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
