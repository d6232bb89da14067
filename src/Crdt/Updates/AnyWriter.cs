using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Writes a validated lib0 value again as JavaScript would: as a lib0 value or as JSON text.</summary>
/// <remarks>
/// Strings may be WTF-8 here (lone surrogates encoded in three bytes), which is what JSON escapes can produce. Nesting costs a frame of a
/// stack, not a call.
/// </remarks>
internal sealed class AnyWriter
{
    private static readonly SearchValues<byte> s_escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\', Wtf8.SurrogateLead]);

    private readonly KeyOrder _order = new();
    private readonly List<Frame> _frames = [];

    private struct Frame
    {
        public bool IsObject;
        public bool HasEntries;
        public ulong Left;

        /// <summary>Index of the next entry of an object in another order; -1 when it is written as it comes.</summary>
        public int Next;
        public int End;
    }

    /// <summary>Writes <paramref name="any"/> in the form that lib0 gives it.</summary>
    /// <param name="any">One validated value.</param>
    /// <param name="fromJson">True when it stands for JSON text, where <c>__proto__</c> is a key like any other.</param>
    /// <param name="target">Receives it.</param>
    public void WriteAny(ReadOnlySpan<byte> any, bool fromJson, ByteBuffer target) => Write(any, fromJson, target, json: false);

    /// <summary>Writes <paramref name="any"/> as <c>JSON.stringify</c> does.</summary>
    /// <param name="any">One validated value.</param>
    /// <param name="fromJson">True when it stands for JSON text, where <c>__proto__</c> is a key like any other.</param>
    /// <param name="target">Receives it.</param>
    /// <exception cref="MalformedUpdateException">A bigint, for which <c>JSON.stringify</c> throws too, or undefined on its own.</exception>
    public void WriteJson(ReadOnlySpan<byte> any, bool fromJson, ByteBuffer target)
    {
        if (any[0] == AnyTag.Undefined)
            throw new MalformedUpdateException("An undefined value has no form in the JSON text of an update v1.");
        Write(any, fromJson, target, json: true);
    }

    /// <summary>Writes text as a JSON string.</summary>
    public static void WriteJsonString(ReadOnlySpan<byte> wtf8, ByteBuffer target)
    {
        target.WriteByte((byte)'"');
        while (true)
        {
            int plain = wtf8.IndexOfAny(s_escaped);
            if (plain < 0)
                break;
            target.Append(wtf8[..plain]);
            wtf8 = wtf8[plain..];
            wtf8 = wtf8[WriteEscaped(wtf8, target)..];
        }

        target.Append(wtf8);
        target.WriteByte((byte)'"');
    }

    private void Write(ReadOnlySpan<byte> any, bool fromJson, ByteBuffer target, bool json)
    {
        _frames.Clear();
        if (any[0] is AnyTag.Object or AnyTag.Array)
            _order.Scan(any, fromJson);
        Lib0Reader reader = new(any);
        while (true)
        {
            byte tag = reader.PeekByte();
            if (tag is AnyTag.Object or AnyTag.Array)
                Open(ref reader, target, json);
            else if (json)
                WriteJsonScalar(ref reader, target);
            else
                WriteAnyScalar(ref reader, target);
            if (!MoveToNext(any, ref reader, target, json))
                return;
        }
    }

    private void Open(ref Lib0Reader reader, ByteBuffer target, bool json)
    {
        int position = reader.Position;
        byte tag = reader.ReadByte();
        Frame frame = new() { IsObject = tag == AnyTag.Object, Left = reader.ReadVarUInt(), Next = -1 };
        if (frame.IsObject && _order.TryGet(position, out KeyOrder.Order order))
            (frame.Next, frame.Left, frame.End) = (order.First, (ulong)order.Count, order.End);
        if (json)
        {
            target.WriteByte(frame.IsObject ? (byte)'{' : (byte)'[');
        }
        else
        {
            target.WriteByte(tag);
            target.WriteVarUInt(frame.Left);
        }

        _frames.Add(frame);
    }

    // Goes to the next value, closing what ends before it and writing its key. False at the end.
    private bool MoveToNext(ReadOnlySpan<byte> any, ref Lib0Reader reader, ByteBuffer target, bool json)
    {
        while (_frames.Count > 0)
        {
            ref Frame frame = ref CollectionsMarshal.AsSpan(_frames)[^1];
            if (frame.Left == 0)
            {
                if (frame.Next >= 0)
                    reader = At(any, frame.End);
                if (json)
                    target.WriteByte(frame.IsObject ? (byte)'}' : (byte)']');
                _frames.RemoveAt(_frames.Count - 1);
                continue;
            }

            frame.Left--;
            if (!frame.IsObject)
            {
                if (json && frame.HasEntries)
                    target.WriteByte((byte)',');
                frame.HasEntries = true;
                return true;
            }

            if (frame.Next >= 0)
                reader = At(any, _order.Start(frame.Next++));
            ReadOnlySpan<byte> key = reader.ReadVarBytes();
            if (!json)
            {
                Wtf8.WriteString(key, target);
                return true;
            }

            // A property that is undefined does not exist in JSON.
            if (reader.PeekByte() == AnyTag.Undefined)
            {
                reader.ReadByte();
                continue;
            }

            if (frame.HasEntries)
                target.WriteByte((byte)',');
            frame.HasEntries = true;
            WriteJsonString(key, target);
            target.WriteByte((byte)':');
            return true;
        }

        return false;
    }

    private static Lib0Reader At(ReadOnlySpan<byte> any, int position)
    {
        Lib0Reader reader = new(any);
        reader.Skip(position);
        return reader;
    }

    private static void WriteAnyScalar(ref Lib0Reader reader, ByteBuffer target)
    {
        byte tag = reader.ReadByte();
        switch (tag)
        {
            case AnyTag.Integer or AnyTag.Float32 or AnyTag.Float64:
                JsNumber.WriteAny(target, ReadNumber(ref reader, tag));
                break;
            case AnyTag.String:
                target.WriteByte(tag);
                Wtf8.WriteString(reader.ReadVarBytes(), target);
                break;
            case AnyTag.Bytes:
                target.WriteByte(tag);
                target.WriteVarBytes(reader.ReadVarBytes());
                break;
            case AnyTag.BigInt:
                target.WriteByte(tag);
                BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(sizeof(long)), reader.ReadInt64());
                target.Advance(sizeof(long));
                break;
            default:
                target.WriteByte(tag);
                break;
        }
    }

    private static void WriteJsonScalar(ref Lib0Reader reader, ByteBuffer target)
    {
        byte tag = reader.ReadByte();
        switch (tag)
        {
            case AnyTag.Integer or AnyTag.Float32 or AnyTag.Float64:
                JsNumber.WriteJson(target, ReadNumber(ref reader, tag));
                break;
            case AnyTag.String:
                WriteJsonString(reader.ReadVarBytes(), target);
                break;
            case AnyTag.Bytes:
                WriteJsonBytes(reader.ReadVarBytes(), target);
                break;
            case AnyTag.BigInt:
                throw new MalformedUpdateException("A bigint has no form in the JSON text of an update v1.");
            default:
                target.Append(tag switch { AnyTag.True => "true"u8, AnyTag.False => "false"u8, _ => "null"u8 });
                break;
        }
    }

    /// <summary>Reads the payload of a number.</summary>
    public static double ReadNumber(ref Lib0Reader reader, byte tag)
    {
        switch (tag)
        {
            case AnyTag.Integer:
                long value = reader.ReadVarInt(out bool negative);
                return value == 0 && negative ? -0.0 : value;
            case AnyTag.Float32:
                uint bits = 0;
                for (int i = 0; i < sizeof(uint); i++)
                    bits = (bits << 8) | reader.ReadByte();
                return BitConverter.UInt32BitsToSingle(bits);
            default:
                return BitConverter.Int64BitsToDouble(reader.ReadInt64());
        }
    }

    // A Uint8Array has no form of its own in JSON: it is an object of its indices.
    private static void WriteJsonBytes(ReadOnlySpan<byte> bytes, ByteBuffer target)
    {
        target.WriteByte((byte)'{');
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i > 0)
                target.WriteByte((byte)',');
            target.WriteByte((byte)'"');
            WriteInteger(i, target);
            target.Append("\":"u8);
            WriteInteger(bytes[i], target);
        }

        target.WriteByte((byte)'}');
    }

    private static void WriteInteger(int value, ByteBuffer target)
    {
        const int Longest = 11;
        value.TryFormat(target.GetSpan(Longest), out int written, default, CultureInfo.InvariantCulture);
        target.Advance(written);
    }

    // Writes the first character of the text and returns how many bytes it took there.
    private static int WriteEscaped(ReadOnlySpan<byte> text, ByteBuffer target)
    {
        byte c = text[0];
        if (c == Wtf8.SurrogateLead)
        {
            const int Bytes = 3;
            if (Wtf8.IsSurrogateAt(text))
            {
                target.Append("\\u"u8);
                target.Append(Encoding.ASCII.GetBytes(((int)Wtf8.SurrogateAt(text)).ToString("x4", CultureInfo.InvariantCulture)));
            }
            else
            {
                target.Append(text[..Bytes]);
            }

            return Bytes;
        }

        switch (c)
        {
            case (byte)'"':
                target.Append("\\\""u8);
                break;
            case (byte)'\\':
                target.Append("\\\\"u8);
                break;
            case (byte)'\b':
                target.Append("\\b"u8);
                break;
            case (byte)'\t':
                target.Append("\\t"u8);
                break;
            case (byte)'\n':
                target.Append("\\n"u8);
                break;
            case (byte)'\f':
                target.Append("\\f"u8);
                break;
            case (byte)'\r':
                target.Append("\\r"u8);
                break;
            default:
                target.Append("\\u00"u8);
                target.WriteByte((byte)('0' + (c >> 4)));
                target.WriteByte((byte)((c & 0xF) < 10 ? '0' + (c & 0xF) : 'a' + (c & 0xF) - 10));
                break;
        }

        return 1;
    }
}
