using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CoEdit.Crdt;

/// <summary>JSON texts to <see cref="YValue"/> and back, exactly as <c>JSON.stringify</c> writes them, without recursion.</summary>
internal static class JsonCodec
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads a text that has been validated.</summary>
    public static YValue Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, Options);
        Stack<(List<YValue>? Array, YObject? Object, string? Key)> waiting = new();
        List<YValue>? array = null;
        YObject? members = null;
        string? key = null;
        while (reader.Read())
        {
            YValue value;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    key = Text(ref reader);
                    continue;
                case JsonTokenType.StartArray:
                    waiting.Push((array, members, key));
                    (array, members) = ([], null);
                    continue;
                case JsonTokenType.StartObject:
                    waiting.Push((array, members, key));
                    (array, members) = (null, []);
                    continue;
                case JsonTokenType.EndArray:
                    value = YValue.FromArray([.. array!]);
                    (array, members, key) = waiting.Pop();
                    break;
                case JsonTokenType.EndObject:
                    value = YValue.FromObject(members!);
                    (array, members, key) = waiting.Pop();
                    break;
                case JsonTokenType.String:
                    value = Text(ref reader);
                    break;
                case JsonTokenType.Number:
                    value = double.Parse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    value = reader.TokenType == JsonTokenType.True;
                    break;
                default:
                    value = YValue.Null;
                    break;
            }

            if (array is not null)
                array.Add(value);
            else if (members is not null)
                members[key!] = value;
            else
                return value;
        }

        throw new MalformedUpdateException("A JSON text has no value.");
    }

    /// <summary>Throws if a text is not one JSON value.</summary>
    /// <exception cref="JsonException">It isn't.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, Options);
        while (reader.Read())
        {
            // Reading is all there is to do: the reader refuses what is wrong, behind the value too.
        }
    }

    public static string ToText(in YValue value) => ToText(value, out _);

    /// <summary>The text, and how many arrays and objects lie in one another at the most.</summary>
    public static string ToText(in YValue value, out int depth)
    {
        StringBuilder text = new();
        depth = Write(text, value);
        return text.ToString();
    }

    /// <summary>The same with something readable in the place of what JSON has no form for.</summary>
    public static string ToDisplayText(in YValue value)
    {
        StringBuilder text = new();
        Write(text, value, display: true);
        return text.ToString();
    }

    /// <summary>Appends what <c>JSON.stringify</c> writes; "undefined" for what it leaves out at the top.</summary>
    private static int Write(StringBuilder text, in YValue value, bool display = false)
    {
        int depth = 0;
        Stack<Frame> waiting = new();
        Frame frame = default;
        YValue current = value;
        while (true)
        {
            if (current.Kind == YValueKind.Array)
            {
                waiting.Push(frame);
                frame = new Frame(current.ArrayOrEmpty(), null);
                text.Append('[');
            }
            else if (current.Kind == YValueKind.Object)
            {
                waiting.Push(frame);
                frame = new Frame(null, current.AsObject());
                text.Append('{');
            }
            else
            {
                WriteScalar(text, current, nested: waiting.Count > 0, display);
            }

            depth = Math.Max(depth, waiting.Count);

            while (!frame.TryNext(text, out current))
            {
                if (waiting.Count == 0)
                    return depth;
                text.Append(frame.Array is not null ? ']' : '}');
                frame = waiting.Pop();
            }
        }
    }

    /// <summary>A number as JavaScript prints it.</summary>
    public static string Number(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        ByteBuffer text = new();
        JsNumber.WriteJson(text, number);
        return Encoding.ASCII.GetString(text.Written);
    }

    // Lone surrogates have no UTF-8; Yjs' own reader yields U+FFFD only for bytes, escapes stay what they are.
    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static string Unescape(string escaped)
    {
        StringBuilder text = new(escaped.Length);
        for (int i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            char kind = escaped[++i];
            if (kind == 'u')
            {
                text.Append((char)ushort.Parse(escaped.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(kind switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => kind });
            }
        }

        return text.ToString();
    }

    private static void WriteScalar(StringBuilder text, in YValue value, bool nested, bool display)
    {
        switch (value.Kind)
        {
            case YValueKind.Undefined:
                text.Append(nested ? "null" : "undefined");
                break;
            case YValueKind.Boolean:
                text.Append(value.AsBoolean() ? "true" : "false");
                break;
            case YValueKind.Number:
                text.Append(double.IsFinite(value.AsDouble()) ? Number(value.AsDouble()) : "null");
                break;
            case YValueKind.String:
                WriteString(text, value.AsString());
                break;
            case YValueKind.Binary:
                WriteBytes(text, value.AsBinary());
                break;
            case YValueKind.BigInt when display:
                text.Append(CultureInfo.InvariantCulture, $"{value.AsInt64()}");
                break;
            case YValueKind.Type when display:
                WriteString(text, value.AsType().GetType().Name);
                break;
            case YValueKind.Document when display:
                WriteString(text, nameof(YDoc));
                break;
            case YValueKind.BigInt:
                throw new ArgumentException("JSON has no 64-bit integers.", nameof(value));
            case YValueKind.Type or YValueKind.Document:
                throw new ArgumentException("A shared type or a document cannot lie inside a plain value.", nameof(value));
            default:
                text.Append("null");
                break;
        }
    }

    // JSON.stringify sees a Uint8Array as an object with indices for names.
    private static void WriteBytes(StringBuilder text, byte[] bytes)
    {
        text.Append('{');
        for (int i = 0; i < bytes.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}\"{i}\":{bytes[i]}");
        text.Append('}');
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            switch (c)
            {
                case '"' or '\\':
                    text.Append('\\').Append(c);
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                default:
                    bool pair = char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
                    if (pair)
                        text.Append(c).Append(value[++i]);
                    else if (c < 0x20 || char.IsSurrogate(c))
                        text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    else
                        text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }

    private struct Frame(YValue[]? array, YObject? members)
    {
        private int _next;
        private bool _any;

        public YValue[]? Array = array;

        public bool TryNext(StringBuilder text, out YValue value)
        {
            if (Array is not null && _next < Array.Length)
            {
                value = Array[_next++];
                Separate(text);
                return true;
            }

            while (members is not null && _next < members.Count)
            {
                (string key, value) = members.At(_next++);
                if (value.IsUndefined)
                    continue;
                Separate(text);
                WriteString(text, key);
                text.Append(':');
                return true;
            }

            value = default;
            return false;
        }

        private void Separate(StringBuilder text)
        {
            if (_any)
                text.Append(',');
            _any = true;
        }
    }
}
