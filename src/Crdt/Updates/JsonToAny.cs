using System.Text;
using System.Text.Json;

namespace CoEdit.Crdt;

/// <summary>Turns JSON text into a lib0 value whose properties are in the order of the text and whose strings may be WTF-8.</summary>
/// <remarks>An intermediate form for <see cref="AnyWriter"/>. <see cref="Utf8JsonReader"/> does not recurse, whatever the depth.</remarks>
internal sealed class JsonToAny
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = int.MaxValue };

    private readonly List<int> _counts = [];
    private readonly List<int> _open = [];
    private readonly ByteBuffer _text = new();

    /// <summary>Converts one JSON text.</summary>
    /// <exception cref="MalformedUpdateException">It is not JSON.</exception>
    public void Convert(ReadOnlySpan<byte> json, ByteBuffer target)
    {
        try
        {
            Count(json);
            Write(json, target);
        }
        catch (JsonException exception)
        {
            throw new MalformedUpdateException("A format or embed value is not JSON.", exception);
        }
    }

    // Containers carry their number of elements in front, so they are counted in a pass of their own.
    private void Count(ReadOnlySpan<byte> json)
    {
        _counts.Clear();
        _open.Clear();
        Utf8JsonReader reader = new(json, s_options);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    continue;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    _open.RemoveAt(_open.Count - 1);
                    continue;
            }

            if (_open.Count > 0)
                _counts[_open[^1]]++;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                _open.Add(_counts.Count);
                _counts.Add(0);
            }
        }
    }

    private void Write(ReadOnlySpan<byte> json, ByteBuffer target)
    {
        int container = 0;
        Utf8JsonReader reader = new(json, s_options);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    target.WriteByte(reader.TokenType == JsonTokenType.StartObject ? AnyTag.Object : AnyTag.Array);
                    target.WriteVarUInt((ulong)_counts[container++]);
                    break;
                case JsonTokenType.PropertyName:
                    WriteText(reader, target);
                    break;
                case JsonTokenType.String:
                    target.WriteByte(AnyTag.String);
                    WriteText(reader, target);
                    break;
                case JsonTokenType.Number:
                    JsNumber.WriteAny(target, JsNumber.Parse(reader.ValueSpan));
                    break;
                case JsonTokenType.True:
                    target.WriteByte(AnyTag.True);
                    break;
                case JsonTokenType.False:
                    target.WriteByte(AnyTag.False);
                    break;
                case JsonTokenType.Null:
                    target.WriteByte(AnyTag.Null);
                    break;
            }
        }
    }

    private void WriteText(in Utf8JsonReader reader, ByteBuffer target)
    {
        if (!reader.ValueIsEscaped)
        {
            target.WriteVarBytes(reader.ValueSpan);
            return;
        }

        _text.Clear();
        Unescape(reader.ValueSpan, _text);
        target.WriteVarBytes(_text.Written);
    }

    private static void Unescape(ReadOnlySpan<byte> text, ByteBuffer target)
    {
        const int HexDigits = 4;
        char high = '\0';
        while (!text.IsEmpty)
        {
            int plain = text.IndexOf((byte)'\\');
            if (plain != 0)
            {
                plain = plain < 0 ? text.Length : plain;
                Flush(ref high, target);
                target.Append(text[..plain]);
                text = text[plain..];
                continue;
            }

            char unit = Unit(text[1]);
            if (unit == 'u')
            {
                unit = (char)Convert16(text.Slice(2, HexDigits));
                text = text[(2 + HexDigits)..];
            }
            else
            {
                text = text[2..];
            }

            if (high != '\0' && char.IsLowSurrogate(unit))
            {
                target.Advance(new Rune(high, unit).EncodeToUtf8(target.GetSpan(Utf16Walk.PairBytes)));
                high = '\0';
                continue;
            }

            Flush(ref high, target);
            if (char.IsHighSurrogate(unit))
                high = unit;
            else
                Wtf8.Append(unit, target);
        }

        Flush(ref high, target);
    }

    private static void Flush(ref char high, ByteBuffer target)
    {
        if (high == '\0')
            return;
        Wtf8.Append(high, target);
        high = '\0';
    }

    private static char Unit(byte escape) => escape switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)escape,
    };

    private static int Convert16(ReadOnlySpan<byte> hex)
    {
        int value = 0;
        foreach (byte c in hex)
            value = (value << 4) | (c <= (byte)'9' ? c - '0' : (c | 0x20) - 'a' + 10);
        return value;
    }
}
