using System.Text;

namespace CoEdit.Crdt;

/// <summary>A place in a text or list that stays where it is when others edit around it: a cursor, the end of a comment.</summary>
/// <param name="Type">The id of the item that holds the type, for a type that is not a root.</param>
/// <param name="RootName">The name of the root type.</param>
/// <param name="Item">The unit the place is bound to, or null for the end (or, bound to the left, the start) of the type.</param>
/// <param name="Assoc">At 0 and above the place is bound to the unit on its right, below 0 to the one on its left.</param>
public sealed record RelativePosition(Id? Type, string? RootName, Id? Item, int Assoc)
{
    /// <summary>Makes a position from an index.</summary>
    /// <param name="type">A text, array or XML fragment inside a document.</param>
    /// <param name="index">From 0 to the length of the type.</param>
    /// <param name="assoc">At 0 and above the place is bound to the unit on its right, below 0 to the one on its left.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not inside the type.</exception>
    /// <exception cref="InvalidOperationException">The type is not part of a document.</exception>
    public static RelativePosition Create(YType type, int index, int assoc = 0)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.Doc is null || type.Handle == StructStore.None)
            throw new InvalidOperationException("The type is not part of a document.");
        StructStore store = type.Store;
        ref TypeNode node = ref store.Type(type.Handle);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, node.Length);
        Id? owner = node.Owner == StructStore.None ? null : store.IdOf(store.Items[node.Owner]);
        string? root = owner is null ? store.Keys.Text(node.Name) : null;
        if (assoc < 0 ? index == 0 : index == node.Length)
            return new RelativePosition(owner, root, null, assoc);
        int handle = store.FindUnit(type.Handle, assoc < 0 ? index - 1 : index, out int offset);
        ref Item item = ref store.Items[handle];
        return new RelativePosition(owner, root, store.IdOf(item) with { Clock = (uint)(item.Clock + offset) }, assoc);
    }

    /// <summary>Finds the place in a document.</summary>
    /// <param name="doc">A replica of the document.</param>
    /// <param name="followUndo">Whether content that was deleted and brought back by an undo counts as the same.</param>
    /// <returns>The place, or null when the document doesn't know the unit (yet, or any more) or the type.</returns>
    public AbsolutePosition? Resolve(YDoc doc, bool followUndo = true)
    {
        ArgumentNullException.ThrowIfNull(doc);
        StructStore store = doc.Store;
        if (Item is { } unit)
        {
            int handle = store.FindFollowing(unit, followUndo, out int offset);
            if (handle == StructStore.None || store.Items[handle].IsGc)
                return null;
            ref Item item = ref store.Items[handle];
            if (store.Type(item.Parent).Ref == TypeNode.Untyped)
                return null;
            int index = 0;
            if (!store.IsTypeDeleted(item.Parent))
                index = store.IndexOf(handle) + (item.VisibleLength == 0 ? 0 : offset + (Assoc >= 0 ? 0 : 1));
            return new AbsolutePosition(store.Face(item.Parent), index, Assoc);
        }

        int type = ResolveType(store, followUndo);
        if (type == StructStore.None || store.Type(type).Ref == TypeNode.Untyped)
            return null;
        return new AbsolutePosition(store.Face(type), Assoc >= 0 ? store.Type(type).Length : 0, Assoc);
    }

    /// <summary>The binary form: <c>0 id</c>, <c>1 str(root)</c> or <c>2 id(type)</c>, then <c>i(assoc)</c>.</summary>
    public byte[] Encode()
    {
        ByteBuffer buffer = new();
        if (Item is { } item)
            WriteId(buffer, 0, item);
        else if (RootName is not null)
            WriteRoot(buffer, RootName);
        else
            WriteId(buffer, 2, Type ?? throw new InvalidOperationException("A position needs an item or a type."));
        buffer.WriteVarInt(Assoc);
        return buffer.Written.ToArray();
    }

    /// <summary>Reads the binary form. It names either the unit or the type, never both.</summary>
    /// <exception cref="MalformedUpdateException">The bytes are not a relative position.</exception>
    public static RelativePosition Decode(ReadOnlySpan<byte> encoded)
    {
        Lib0Reader reader = new(encoded);
        Id? type = null;
        Id? item = null;
        string? root = null;
        switch (reader.ReadVarUInt())
        {
            case 0:
                item = new Id(reader.ReadVarUInt(), reader.ReadVarUInt31());
                break;
            case 1:
                root = Encoding.UTF8.GetString(reader.ReadVarString());
                break;
            case 2:
                type = new Id(reader.ReadVarUInt(), reader.ReadVarUInt31());
                break;
            default:
                throw new MalformedUpdateException("A relative position has an unknown form.");
        }

        long assoc = reader.IsAtEnd ? 0 : reader.ReadVarInt();
        return new RelativePosition(type, root, item, Math.Sign(assoc));
    }

    /// <summary>The object that Yjs' <c>relativePositionToJSON</c> gives.</summary>
    public YValue ToJson()
    {
        YObject json = [];
        if (Type is { } type)
            json["type"] = ToJson(type);
        if (RootName is not null)
            json["tname"] = RootName;
        if (Item is { } item)
            json["item"] = ToJson(item);
        json["assoc"] = Assoc;
        return json;
    }

    /// <summary>Reads what <see cref="ToJson()"/> gives, and what Yjs stores.</summary>
    /// <exception cref="FormatException">It is not such an object.</exception>
    public static RelativePosition FromJson(YValue json)
    {
        if (json.Kind != YValueKind.Object)
            throw new FormatException("A relative position is an object.");
        YObject members = json.AsObject();
        string? root = members.TryGetValue("tname", out YValue name) && name.Kind == YValueKind.String ? name.AsString() : null;
        bool left = members.TryGetValue("assoc", out YValue side) && side.Kind == YValueKind.Number && side.AsDouble() < 0;
        return new RelativePosition(ReadId(members, "type"), root, ReadId(members, "item"), left ? -1 : 0);
    }

    private static Id? ReadId(YObject members, string name)
    {
        if (!members.TryGetValue(name, out YValue value) || value.IsNull || value.IsUndefined)
            return null;
        if (value.Kind == YValueKind.Object
            && value.AsObject() is var id
            && id.TryGetValue("client", out YValue client) && IsInteger(client, Lib0Reader.MaxSafeInteger)
            && id.TryGetValue("clock", out YValue clock) && IsInteger(clock, int.MaxValue))
            return new Id((ulong)client.AsDouble(), (uint)clock.AsDouble());
        throw new FormatException("An id is an object with a client and a clock.");
    }

    private static bool IsInteger(in YValue value, ulong largest) =>
        value.Kind == YValueKind.Number && value.AsDouble() is >= 0 and var number && number <= largest && Math.Truncate(number) == number;

    private static YObject ToJson(Id id) => new() { ["client"] = YValue.FromDouble(id.Client), ["clock"] = YValue.FromDouble(id.Clock) };

    private static void WriteId(ByteBuffer buffer, byte form, Id id)
    {
        buffer.WriteByte(form);
        buffer.WriteVarUInt(id.Client);
        buffer.WriteVarUInt(id.Clock);
    }

    private static void WriteRoot(ByteBuffer buffer, string name)
    {
        buffer.WriteByte(1);
        buffer.WriteVarString(name);
    }

    private int ResolveType(StructStore store, bool followUndo)
    {
        if (RootName is not null)
            return store.FindRoot(RootName);
        int owner = Type is { } id ? store.FindFollowing(id, followUndo, out _) : StructStore.None;
        return owner != StructStore.None && store.Items[owner].Kind == StructKind.Type ? store.Items[owner].Content : StructStore.None;
    }
}
