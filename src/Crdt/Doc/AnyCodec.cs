using System.Buffers.Binary;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>lib0 "any" values to <see cref="YValue"/> and back, without recursion.</summary>
internal static class AnyCodec
{
    public static byte[] Encode(in YValue value)
    {
        ByteBuffer buffer = new();
        Write(buffer, value);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes one value.</summary>
    /// <exception cref="ArgumentException">A shared type or a document lies inside the value.</exception>
    public static void Write(ByteBuffer target, in YValue value)
    {
        if (value.Kind is YValueKind.Array or YValueKind.Object)
            WriteNested(target, value);
        else
            WriteScalar(target, value);
    }

    private static void WriteNested(ByteBuffer target, in YValue value)
    {
        Stack<Frame>? waiting = null;
        YValue current = value;
        Frame frame = default;
        while (true)
        {
            if (current.Kind == YValueKind.Array)
            {
                (waiting ??= new Stack<Frame>()).Push(frame);
                frame = new Frame(current.ArrayOrEmpty(), null);
                target.WriteByte(AnyTag.Array);
                target.WriteVarUInt((ulong)frame.Count);
            }
            else if (current.Kind == YValueKind.Object)
            {
                (waiting ??= new Stack<Frame>()).Push(frame);
                frame = new Frame(null, current.AsObject());
                target.WriteByte(AnyTag.Object);
                target.WriteVarUInt((ulong)frame.Count);
            }
            else
            {
                WriteScalar(target, current);
            }

            while (frame.Next == frame.Count)
            {
                if (waiting is null || !waiting.TryPop(out frame))
                    return;
            }

            if (frame.Object is { } members)
            {
                KeyValuePair<string, YValue> member = members.At(frame.Next);
                target.WriteVarString(member.Key);
                current = member.Value;
            }
            else
            {
                current = frame.Array![frame.Next];
            }

            frame.Next++;
        }
    }

    /// <summary>Reads one value, which has been validated.</summary>
    public static YValue Read(ref Lib0Reader reader)
    {
        Stack<Building>? waiting = null;
        Building building = default;
        while (true)
        {
            byte tag = reader.ReadByte();
            YValue value;
            if (tag is AnyTag.Array or AnyTag.Object)
            {
                int count = (int)reader.ReadVarUInt();
                YObject? members = tag == AnyTag.Object ? [] : null;
                YValue[]? array = tag == AnyTag.Array ? new YValue[count] : null;
                if (count > 0)
                {
                    (waiting ??= new Stack<Building>()).Push(building);
                    building = new Building(array, members, count);
                    building.ReadKey(ref reader);
                    continue;
                }

                value = members is not null ? YValue.FromObject(members) : YValue.FromArray(array!);
            }
            else
            {
                value = ReadScalar(ref reader, tag);
            }

            while (true)
            {
                if (building.Left == 0)
                    return value;
                building.Put(value);
                if (building.Left > 0)
                    break;
                value = building.Members is { } done ? YValue.FromObject(done) : YValue.FromArray(building.Array!);
                building = waiting!.Pop();
            }

            building.ReadKey(ref reader);
        }
    }

    private static void WriteScalar(ByteBuffer target, in YValue value)
    {
        switch (value.Kind)
        {
            case YValueKind.Null:
                target.WriteByte(AnyTag.Null);
                break;
            case YValueKind.Boolean:
                target.WriteByte(value.AsBoolean() ? AnyTag.True : AnyTag.False);
                break;
            case YValueKind.Number:
                JsNumber.WriteAny(target, value.AsDouble());
                break;
            case YValueKind.BigInt:
                target.WriteByte(AnyTag.BigInt);
                BinaryPrimitives.WriteInt64BigEndian(target.GetSpan(8), value.AsInt64());
                target.Advance(8);
                break;
            case YValueKind.String:
                target.WriteByte(AnyTag.String);
                target.WriteVarString(value.AsString());
                break;
            case YValueKind.Binary:
                target.WriteByte(AnyTag.Bytes);
                target.WriteVarBytes(value.AsBinary());
                break;
            case YValueKind.Type or YValueKind.Document:
                throw new ArgumentException("A shared type or a document cannot lie inside a plain value.", nameof(value));
            default:
                target.WriteByte(AnyTag.Undefined);
                break;
        }
    }

    private static YValue ReadScalar(ref Lib0Reader reader, byte tag)
    {
        switch (tag)
        {
            case AnyTag.Undefined:
                return YValue.Undefined;
            case AnyTag.Null:
                return YValue.Null;
            case AnyTag.Integer or AnyTag.Float32 or AnyTag.Float64:
                return AnyWriter.ReadNumber(ref reader, tag);
            case AnyTag.BigInt:
                return YValue.BigInt(reader.ReadInt64());
            case AnyTag.False:
                return false;
            case AnyTag.True:
                return true;
            case AnyTag.String:
                return Encoding.UTF8.GetString(reader.ReadVarString());
            case AnyTag.Bytes:
                return reader.ReadVarBytes().ToArray();
            default:
                throw new MalformedUpdateException("A value has an unknown tag.");
        }
    }

    private record struct Frame(YValue[]? Array, YObject? Object, int Next = 0)
    {
        public readonly int Count => Array?.Length ?? Object?.Count ?? 0;
    }

    private struct Building(YValue[]? array, YObject? members, int count)
    {
        private string? _key;

        public YValue[]? Array = array;
        public YObject? Members = members;
        public int Left = count;

        public void ReadKey(ref Lib0Reader reader)
        {
            if (Members is not null)
                _key = Encoding.UTF8.GetString(reader.ReadVarString());
        }

        public void Put(in YValue value)
        {
            if (Members is not null)
                Members[_key!] = value;
            else
                Array![^Left] = value;
            Left--;
        }
    }
}
