using System.Text;

namespace CoEdit.Crdt;

/// <summary>Local changes and reads of lists and maps.</summary>
internal sealed partial class StructStore
{
    [ThreadStatic]
    private static ByteBuffer? s_encoded;

    // Shorter lists are walked; an index would cost more than it saves.
    private const int StepsBeforeIndex = 64;

    /// <summary>The item that holds the unit at an index below the list's length.</summary>
    public int FindUnit(int type, int index, out int offset)
    {
        ref TypeNode node = ref _types[type];
        if (node.Index is null)
        {
            int steps = 0;
            for (int handle = node.Start; handle != None && steps < StepsBeforeIndex; steps++)
            {
                ref Item item = ref Items[handle];
                int visible = item.VisibleLength;
                if (index < visible)
                {
                    offset = index;
                    return handle;
                }

                index -= visible;
                handle = item.Right;
                if (steps == StepsBeforeIndex - 1)
                    index += SumBefore(node.Start, handle);
            }

            node.Index = new ListIndex(Items, node.Start);
        }

        return node.Index.Find(index, out offset);
    }

    private int SumBefore(int start, int end)
    {
        int sum = 0;
        for (int handle = start; handle != end; handle = Items[handle].Right)
            sum += Items[handle].VisibleLength;
        return sum;
    }

    /// <summary>The item that ends with the unit in front of an index; it is cut there if need be. None for index 0.</summary>
    public int LeftOf(Transaction transaction, int type, int index)
    {
        if (index == 0)
            return None;
        int handle = FindUnit(type, index - 1, out int offset);
        if (offset + 1 < Items[handle].Length)
            SplitItem(transaction, handle, offset + 1);
        return handle;
    }

    public int LastItem(int type)
    {
        int last = _types[type].Length > 0 ? FindUnit(type, _types[type].Length - 1, out _) : _types[type].Start;
        while (last != None && Items[last].Right != None)
            last = Items[last].Right;
        return last;
    }

    public void InsertValues(Transaction transaction, int type, int index, ReadOnlySpan<YValue> values) =>
        InsertValuesAfter(transaction, type, LeftOf(transaction, type, index), values);

    /// <summary>Inserts values behind an item, with everything in them.</summary>
    public void InsertValuesAfter(Transaction transaction, int type, int left, ReadOnlySpan<YValue> values)
    {
        int right = left == None ? _types[type].Start : Items[left].Right;
        while (!values.IsEmpty)
        {
            values = values[InsertSome(transaction, type, ref left, right, values)..];
            WriteContent(transaction, left);
        }
    }

    /// <summary>
    /// Inserts the first value behind <paramref name="left"/>, which moves on, together with those behind it that can share its item: what JSON
    /// knows. Returns how many.
    /// </summary>
    public int InsertSome(Transaction transaction, int type, ref int left, int right, ReadOnlySpan<YValue> values)
    {
        int count = 0;
        while (count < values.Length && values[count].Kind is not (YValueKind.Binary or YValueKind.Type or YValueKind.Document))
            count++;
        if (count == 0)
        {
            left = NewContent(transaction, left, right, type, -1, values[0]);
            return 1;
        }

        ByteBuffer buffer = s_encoded ??= new ByteBuffer();
        buffer.Clear();
        foreach (ref readonly YValue value in values[..count])
            AnyCodec.Write(buffer, value);
        left = NewItem(transaction, left, right, type, -1, StructKind.Any, Arena.Add(buffer.Written), count);
        return count;
    }

    public void DeleteUnits(Transaction transaction, int type, int index, int length)
    {
        if (length == 0)
            return;
        int handle = FirstToDelete(transaction, type, index);
        while (length > 0 && handle != None)
        {
            if (!Items[handle].IsDeleted)
            {
                if (length < Items[handle].Length)
                    SplitItem(transaction, handle, length);
                Delete(transaction, handle);
                length -= Items[handle].Length;
            }

            handle = Items[handle].Right;
        }
    }

    // What is deleted in front of the unit is passed over, and may be much. A mark there has no length but is deleted, and counted, by Yjs.
    private int FirstToDelete(Transaction transaction, int type, int index)
    {
        if (_types[type].HasFormatting)
        {
            int left = LeftOf(transaction, type, index);
            return left == None ? _types[type].Start : Items[left].Right;
        }

        int handle = FindUnit(type, index, out int offset);
        return offset > 0 ? SplitItem(transaction, handle, offset) : handle;
    }

    public void SetKey(Transaction transaction, int type, string key, in YValue value) =>
        WriteContent(transaction, NewKey(transaction, type, key, value));

    /// <summary>Sets a key, without what waits in a new type. Returns the item.</summary>
    public int NewKey(Transaction transaction, int type, string key, in YValue value)
    {
        int id = Keys.Intern(key);
        int slot = _types[type].Map?.Find(id) ?? -1;
        return NewContent(transaction, slot < 0 ? None : _types[type].Map![slot].Current, None, type, id, value);
    }

    public void DeleteKey(Transaction transaction, int type, string key)
    {
        int current = CurrentOf(type, key);
        if (current != None)
            Delete(transaction, current);
    }

    public bool TryGetKey(int type, string key, out YValue value)
    {
        value = default;
        int current = CurrentOf(type, key);
        if (current == None || Items[current].IsDeleted)
            return false;
        value = ValueAt(current, Items[current].Length - 1);
        return true;
    }

    public int CountKeys(int type)
    {
        int count = 0;
        MapEntries? map = _types[type].Map;
        for (int slot = 0; slot < (map?.Count ?? 0); slot++)
            count += Items[map![slot].Current].IsDeleted ? 0 : 1;
        return count;
    }

    public List<KeyValuePair<string, YValue>> ReadKeys(int type)
    {
        List<KeyValuePair<string, YValue>> entries = [];
        MapEntries? map = _types[type].Map;
        for (int slot = 0; slot < (map?.Count ?? 0); slot++)
        {
            int current = map![slot].Current;
            if (!Items[current].IsDeleted)
                entries.Add(new(Keys.Text(map[slot].Key), ValueAt(current, Items[current].Length - 1)));
        }

        return entries;
    }

    public YValue ValueAtIndex(int type, int index)
    {
        int handle = FindUnit(type, index, out int offset);
        return ValueAt(handle, offset);
    }

    public void ReadList(int type, List<YValue> values)
    {
        for (int handle = _types[type].Start; handle != None; handle = Items[handle].Right)
        {
            if (Items[handle].VisibleLength > 0)
                ReadValues(handle, values);
        }
    }

    /// <summary>Adds what an item holds, value by value.</summary>
    public void ReadValues(int handle, List<YValue> values)
    {
        ref Item item = ref Items[handle];
        switch (item.Kind)
        {
            case StructKind.Any:
                Lib0Reader reader = new(Arena.Get(item.Content));
                for (int i = 0; i < item.Length; i++)
                    values.Add(AnyCodec.Read(ref reader));
                break;
            default:
                for (int i = 0; i < item.Length; i++)
                    values.Add(ValueAt(handle, i));
                break;
        }
    }

    public YValue ValueAt(int handle, int offset)
    {
        ref Item item = ref Items[handle];
        switch (item.Kind)
        {
            case StructKind.String:
                return _clients[item.Client].Text[item.Content + offset].ToString();
            case StructKind.Any:
                ReadOnlySpan<byte> values = Arena.Get(item.Content);
                Lib0Reader any = new(values[Arena.OffsetOf(StructKind.Any, item.Content, offset)..]);
                return AnyCodec.Read(ref any);
            case StructKind.Json:
                ReadOnlySpan<byte> elements = Arena.Get(item.Content);
                Lib0Reader json = new(elements[Arena.OffsetOf(StructKind.Json, item.Content, offset)..]);
                ReadOnlySpan<byte> element = json.ReadVarBytes();
                return element.SequenceEqual("undefined"u8) ? YValue.Undefined : JsonCodec.Read(element);
            case StructKind.Binary:
                return Arena.Get(item.Content).ToArray();
            case StructKind.Embed:
                return ReadEncoded(Arena.Get(item.Content));
            case StructKind.Type:
                return YValue.FromType(Face(item.Content));
            case StructKind.Doc:
                return Subdoc(handle)!;
            default:
                return YValue.Undefined;
        }
    }

    /// <summary>The object that applications hold for a type.</summary>
    public YType Face(int type)
    {
        ref TypeNode node = ref _types[type];
        if (node.Face is { } face)
            return face;
        face = YType.Create(node.Ref, NodeName(type));
        face.Attach(Doc, type);
        return node.Face = face;
    }

    /// <summary>The name of an XML element or hook. A root's name is another thing: a root element has Yjs' default name.</summary>
    public string? NodeName(int type)
    {
        ref TypeNode node = ref _types[type];
        return node.Owner != None && node.Name >= 0 ? Keys.Text(node.Name) : null;
    }

    /// <summary>Reads an encoding byte and a value.</summary>
    private static YValue ReadEncoded(ReadOnlySpan<byte> encoded)
    {
        if (encoded[0] == EncodedAsJson)
        {
            return encoded.Length switch
            {
                5 when encoded[1] == 't' => YValue.FromBoolean(true),
                5 when encoded[1] == 'n' => YValue.Null,
                _ => JsonCodec.Read(encoded[1..]),
            };
        }

        Lib0Reader reader = new(encoded[1..]);
        return AnyCodec.Read(ref reader);
    }

    // JSON where it says the same as lib0's values, which is shorter to write into updates v1.
    private static byte[] Encode(in YValue value)
    {
        bool json = value.Kind is YValueKind.Null or YValueKind.Boolean or YValueKind.String
            || (value.Kind == YValueKind.Number && double.IsFinite(value.AsDouble()) && !(value.AsDouble() == 0 && double.IsNegative(value.AsDouble())));
        return json ? [EncodedAsJson, .. Encoding.UTF8.GetBytes(JsonCodec.ToText(value))] : [EncodedAsAny, .. AnyCodec.Encode(value)];
    }

    private int CurrentOf(int type, string key)
    {
        int id = Keys.Find(key);
        if (id < 0 || _types[type].Map is not { } map)
            return None;
        int slot = map.Find(id);
        return slot < 0 ? None : map[slot].Current;
    }

    private int NewContent(Transaction transaction, int left, int right, int type, int key, in YValue value)
    {
        switch (value.Kind)
        {
            case YValueKind.Binary:
                return NewItem(transaction, left, right, type, key, StructKind.Binary, Arena.Add(value.AsBinary()), 1);
            case YValueKind.Type:
                return NewItem(transaction, left, right, type, key, StructKind.Type, NewTypeOf(value.AsType()), 1);
            case YValueKind.Document:
                YDoc document = value.AsDocument();
                return NewItem(transaction, left, right, type, key, StructKind.Doc, Arena.Add(document.ToWire()), 1, document);
            default:
                return NewItem(transaction, left, right, type, key, StructKind.Any, Arena.Add(AnyCodec.Encode(value)), 1);
        }
    }

    private int NewTypeOf(YType face)
    {
        int name = face.NodeNameOrNull is { } nodeName ? Keys.Intern(nodeName) : -1;
        int type = NewType(face.TypeRef, name, None);
        _types[type].Face = face;
        face.Attach(Doc, type);
        return type;
    }

    /// <summary>A new item of this document's client between two neighbours.</summary>
    private int NewItem(
        Transaction transaction, int left, int right, int type, int key, StructKind kind, int content, int length, YDoc? document = null)
    {
        ClientStructs structs = _clients[InternClient(Doc.ClientId)];
        if (length > int.MaxValue - structs.State)
            ThrowNoRoom();
        int handle = Items.Allocate();
        ref Item item = ref Items[handle];
        item = default;
        item.SetHeader(structs.Index, kind, key >= 0 ? Item.Keyed : 0);
        item.Clock = structs.State;
        item.Length = length;
        item.OriginClient = item.RightClient = Item.NoClient;
        if (left != None)
        {
            ref Item origin = ref Items[left];
            (item.OriginClient, item.OriginClock) = (origin.Client, origin.Last);
        }

        if (right != None)
        {
            ref Item rightOrigin = ref Items[right];
            (item.RightClient, item.RightClock) = (rightOrigin.Client, rightOrigin.Clock);
        }

        item.Left = left;
        item.Right = right;
        item.Parent = type;
        item.Aux = Math.Max(key, 0);
        item.Content = content;
        if (document is not null)
            SetSubdoc(handle, document);
        Integrate(transaction, handle);
        return handle;
    }
}
