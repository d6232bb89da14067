using System.Buffers;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Whole types as JSON, XML, text and deltas. Nesting is walked with a stack of its own, never by recursion.</summary>
internal static class TypeReader
{
    public static string ToText(StructStore store, int type)
    {
        // Embedded objects count for the length of the list only.
        char[] chars = ArrayPool<char>.Shared.Rent(store.Type(type).Length);
        int length = 0;
        int handle = store.Type(type).Start;
        while (handle != StructStore.None)
        {
            ref Item item = ref store.Items[handle];
            if (item is { IsDeleted: false, Kind: StructKind.String })
            {
                store.Client(item.Client).Text.CopyTo(item.Content, chars.AsSpan(length, item.Length));
                length += item.Length;
            }

            handle = item.Right;
        }

        string text = new(chars, 0, length);
        ArrayPool<char>.Shared.Return(chars);
        return text;
    }

    public static List<YDeltaOp> ToDelta(StructStore store, int type)
    {
        List<YDeltaOp> ops = [];
        StringBuilder text = new();
        FormatMap formats = new();
        for (int handle = store.Type(type).Start; handle != StructStore.None; handle = store.Items[handle].Right)
        {
            ref Item item = ref store.Items[handle];
            if (item.IsDeleted)
                continue;
            switch (item.Kind)
            {
                case StructKind.String:
                    AppendText(store, text, handle);
                    break;
                case StructKind.Type or StructKind.Embed:
                    Flush(store, ops, text, formats);
                    ops.Add(new YDeltaOp { Insert = store.ValueAt(handle, 0), Attributes = Attributes(store, formats) });
                    break;
                case StructKind.Format:
                    Flush(store, ops, text, formats);
                    formats.Pass(store.FormatKey(handle), store.FormatValue(handle));
                    break;
            }
        }

        Flush(store, ops, text, formats);
        return ops;
    }

    /// <summary>Arrays and maps as JSON with everything in them; texts and XML are strings.</summary>
    public static YValue ToJson(StructStore store, int type)
    {
        Stack<Frame> waiting = new();
        if (!TryOpen(store, type, out Frame frame, out YValue value))
            return value;
        while (true)
        {
            while (frame.TryNext(out YValue next))
            {
                if (next.Kind != YValueKind.Type)
                {
                    frame.Put(next);
                    continue;
                }

                if (!TryOpen(store, next.AsType().Handle, out Frame inner, out YValue text))
                {
                    frame.Put(text);
                    continue;
                }

                waiting.Push(frame);
                if (waiting.Count >= store.Doc.MaxDepth)
                    throw new DepthLimitException();
                frame = inner;
            }

            value = frame.Finish();
            if (!waiting.TryPop(out frame))
                return value;
            frame.Put(value);
        }
    }

    /// <summary>An XML node with everything in it.</summary>
    public static string ToXml(StructStore store, int type)
    {
        StringBuilder text = new();
        List<object> pieces = [];
        Stack<(object Piece, int Depth)> waiting = new();
        waiting.Push((type, 1));
        while (waiting.TryPop(out (object Piece, int Depth) next))
        {
            if (next.Piece is string literal)
            {
                text.Append(literal);
                continue;
            }

            if (next.Depth > store.Doc.MaxDepth)
                throw new DepthLimitException();
            pieces.Clear();
            Expand(store, (int)next.Piece, pieces);
            for (int i = pieces.Count - 1; i >= 0; i--)
                waiting.Push((pieces[i], next.Depth + 1));
        }

        return text.ToString();
    }

    // A type's own text, and the types in it in their places.
    private static void Expand(StructStore store, int type, List<object> pieces)
    {
        int typeRef = store.Type(type).Ref;
        switch (typeRef)
        {
            case YType.XmlElementRef or YType.XmlFragmentRef:
                string? name = typeRef == YType.XmlElementRef ? (store.NodeName(type) ?? YXmlElement.DefaultName).ToLowerInvariant() : null;
                if (name is not null)
                    OpenElement(store, type, name, pieces);
                List<YValue> children = [];
                store.ReadList(type, children);
                foreach (YValue child in children)
                    AddPiece(child, pieces);
                if (name is not null)
                    pieces.Add($"</{name}>");
                break;
            case YType.XmlTextRef:
                foreach (YDeltaOp op in ToDelta(store, type))
                    AddFormatted(op, pieces);
                break;
            case YType.TextRef:
                pieces.Add(ToText(store, type));
                break;
            default:
                pieces.Add("[object Object]");
                break;
        }
    }

    private static void OpenElement(StructStore store, int type, string name, List<object> pieces)
    {
        List<KeyValuePair<string, YValue>> attributes = store.ReadKeys(type);
        attributes.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        pieces.Add($"<{name}");
        foreach ((string key, YValue value) in attributes)
        {
            pieces.Add($" {key}=\"");
            AddPiece(value, pieces);
            pieces.Add("\"");
        }

        pieces.Add(">");
    }

    private static void AddFormatted(YDeltaOp op, List<object> pieces)
    {
        List<KeyValuePair<string, YValue>> tags = op.Attributes is null ? [] : [.. op.Attributes];
        tags.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        foreach ((string tag, YValue value) in tags)
        {
            pieces.Add($"<{tag}");
            foreach ((string key, YValue member) in JsText.Members(value))
                pieces.Add($" {key}=\"{JsText.ToString(member)}\"");
            pieces.Add(">");
        }

        AddPiece(op.Insert, pieces);
        for (int i = tags.Count - 1; i >= 0; i--)
            pieces.Add($"</{tags[i].Key}>");
    }

    private static void AddPiece(in YValue value, List<object> pieces)
    {
        if (value.Kind == YValueKind.Type)
            pieces.Add(value.AsType().Handle);
        else
            pieces.Add(JsText.ToString(value));
    }

    private static bool TryOpen(StructStore store, int type, out Frame frame, out YValue value)
    {
        value = default;
        frame = default;
        switch (store.Type(type).Ref)
        {
            case YType.ArrayRef:
                List<YValue> values = [];
                store.ReadList(type, values);
                frame = new Frame(values, null);
                return true;
            case YType.MapRef or YType.XmlHookRef:
                frame = new Frame(null, store.ReadKeys(type));
                return true;
            case YType.TextRef:
                value = ToText(store, type);
                return false;
            case TypeNode.Untyped:
                return false;
            default:
                value = ToXml(store, type);
                return false;
        }
    }

    public static void AppendText(StructStore store, StringBuilder text, int handle)
    {
        ref Item item = ref store.Items[handle];
        TextBuffer buffer = store.Client(item.Client).Text;
        int position = item.Content;
        int left = item.Length;
        Span<char> part = stackalloc char[512];
        while (left > 0)
        {
            int count = Math.Min(left, part.Length);
            buffer.CopyTo(position, part[..count]);
            text.Append(part[..count]);
            position += count;
            left -= count;
        }
    }

    public static void Flush(StructStore store, List<YDeltaOp> ops, StringBuilder text, FormatMap formats)
    {
        if (text.Length == 0)
            return;
        ops.Add(new YDeltaOp { Insert = text.ToString(), Attributes = Attributes(store, formats) });
        text.Clear();
    }

    public static YObject? Attributes(StructStore store, FormatMap formats)
    {
        if (formats.Count == 0)
            return null;
        YObject attributes = [];
        for (int i = 0; i < formats.Count; i++)
            attributes[store.Keys.Text(formats[i].Key)] = formats[i].Value;
        return attributes;
    }

    private struct Frame(List<YValue>? list, List<KeyValuePair<string, YValue>>? keys)
    {
        private int _next;

        public bool TryNext(out YValue value)
        {
            int count = list?.Count ?? keys!.Count;
            value = _next == count ? default : list is not null ? list[_next] : keys![_next].Value;
            return _next < count;
        }

        // What was read in its place is replaced by what it has become.
        public void Put(in YValue value)
        {
            if (list is not null)
                list[_next] = value;
            else
                keys![_next] = new(keys[_next].Key, value);
            _next++;
        }

        public readonly YValue Finish()
        {
            if (list is not null)
                return YValue.FromArray([.. list]);
            YObject members = [];
            foreach ((string key, YValue value) in keys!)
                members[key] = value;
            return members;
        }
    }
}
