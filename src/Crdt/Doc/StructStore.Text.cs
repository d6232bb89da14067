using System.Buffers.Binary;

namespace CoEdit.Crdt;

/// <summary>Local changes of texts. A format is a pair of marks in the list; marks have no length.</summary>
internal sealed partial class StructStore
{
    // Behind a caret may lie what was deleted there letter by letter; from here on it is cheaper to look for the text behind it.
    private const int StepsOverDeleted = 8;

    // Objects as format values compare by identity in places; the same mark has to yield the same object.
    private Dictionary<int, YValue>? _formatObjects;

    public int FormatKey(int handle) => BinaryPrimitives.ReadInt32LittleEndian(Arena.Get(Items[handle].Content));

    public YValue FormatValue(int handle)
    {
        if (_formatObjects is not null && _formatObjects.TryGetValue(handle, out YValue known))
            return known;
        YValue value = ReadEncoded(Arena.Get(Items[handle].Content)[(FormatHeader - 1)..]);
        if (value.Kind is YValueKind.Object or YValueKind.Array)
            (_formatObjects ??= [])[handle] = value;
        return value;
    }

    public TextPosition FindPosition(Transaction transaction, int type, int index)
    {
        TextPosition position = new(None, _types[type].Start);
        if (!_types[type].HasFormatting)
        {
            position.Left = LeftOf(transaction, type, index);
            if (position.Left != None)
                position.Right = Items[position.Left].Right;
            return position;
        }

        while (position.Right != None && index > 0)
        {
            ref Item right = ref Items[position.Right];
            if (!right.IsDeleted && right.Kind != StructKind.Format)
            {
                if (index < right.Length)
                    SplitItem(transaction, position.Right, index);
                index -= Items[position.Right].Length;
            }

            Forward(position);
        }

        return position;
    }

    public void InsertString(Transaction transaction, int type, int index, ReadOnlySpan<char> text, YObject? attributes)
    {
        if (!_types[type].HasFormatting && attributes is null)
        {
            InsertPlain(transaction, type, index, text);
            return;
        }

        TextPosition position = FindPosition(transaction, type, index);
        InsertAt(transaction, type, position, text, default, attributes ?? position.Inherited(Keys));
    }

    // Nothing to inherit and nothing to end: the text goes behind what is deleted at the caret.
    private void InsertPlain(Transaction transaction, int type, int index, ReadOnlySpan<char> text)
    {
        int left = LeftOf(transaction, type, index);
        int right = left == None ? _types[type].Start : Items[left].Right;
        for (int steps = 0; right != None && Items[right].IsDeleted; steps++)
        {
            if (steps == StepsOverDeleted && index < _types[type].Length)
            {
                right = FindUnit(type, index, out _);
                left = Items[right].Left;
                break;
            }

            left = right;
            right = Items[right].Right;
        }

        ClientStructs own = _clients[InternClient(Doc.ClientId)];
        if (text.Length > int.MaxValue - own.State)
            ThrowNoRoom();
        bool appends = left != None && !char.IsLowSurrogate(text[0]) && !Doc.IsWatched
            && CanAppend(own, left, right, right == None ? Item.NoClient : Items[right].Client, right == None ? 0 : Items[right].Clock);
        int content = own.Text.AppendChars(text);
        if (appends)
            Extend(transaction, own, left, text.Length);
        else
            NewItem(transaction, left, right, type, -1, StructKind.String, content, text.Length);
    }

    public void InsertEmbed(Transaction transaction, int type, int index, in YValue embed, YObject? attributes)
    {
        // A text is no embedded object, however it comes; Yjs looks at what it gets.
        TextPosition position = FindPosition(transaction, type, index);
        if (embed.Kind == YValueKind.String)
            InsertAt(transaction, type, position, embed.AsString(), default, attributes ?? []);
        else
            InsertAt(transaction, type, position, default, embed, attributes ?? []);
    }

    /// <summary>Inserts a text, or an embed when the value is defined, with exactly these attributes.</summary>
    public void InsertAt(Transaction transaction, int type, TextPosition position, ReadOnlySpan<char> text, in YValue embed, YObject attributes)
    {
        FormatMap? negated = OpenInsertion(transaction, type, position, text, embed, attributes);
        WriteContent(transaction, position.Right);
        CloseInsertion(transaction, type, position, negated);
    }

    /// <summary>
    /// The first part of <see cref="InsertAt"/>: marks and the item, which is on the right of the position afterwards. What waits in a new type goes
    /// between the parts.
    /// </summary>
    public FormatMap? OpenInsertion(
        Transaction transaction, int type, TextPosition position, ReadOnlySpan<char> text, in YValue embed, YObject attributes)
    {
        attributes = WithEnds(position, attributes);
        SkipEqual(position, attributes);
        FormatMap? negated = InsertFormats(transaction, type, position, attributes);
        if (embed.IsUndefined)
        {
            ClientStructs own = _clients[InternClient(Doc.ClientId)];
            position.Right = NewItem(
                transaction, position.Left, position.Right, type, -1, StructKind.String, own.Text.AppendChars(text), text.Length);
        }
        else if (embed.Kind == YValueKind.Type)
        {
            position.Right = NewItem(transaction, position.Left, position.Right, type, -1, StructKind.Type, NewTypeOf(embed.AsType()), 1);
        }
        else
        {
            position.Right = NewItem(transaction, position.Left, position.Right, type, -1, StructKind.Embed, Arena.Add(Encode(embed)), 1);
        }

        return negated;
    }

    public void CloseInsertion(Transaction transaction, int type, TextPosition position, FormatMap? negated)
    {
        Forward(position);
        InsertNegated(transaction, type, position, negated);
    }

    public void Format(Transaction transaction, int type, int index, int length, YObject attributes)
    {
        TextPosition position = FindPosition(transaction, type, index);
        if (position.Right != None)
            FormatAt(transaction, type, position, length, attributes);
    }

    public void FormatAt(Transaction transaction, int type, TextPosition position, int length, YObject attributes)
    {
        SkipEqual(position, attributes);
        FormatMap? negated = InsertFormats(transaction, type, position, attributes);
        while (position.Right != None)
        {
            int handle = position.Right;
            bool isFormat = Items[handle].Kind == StructKind.Format;
            if (length == 0 && !(negated is { Count: > 0 } && (Items[handle].IsDeleted || isFormat)))
                break;
            if (!Items[handle].IsDeleted)
            {
                if (isFormat)
                {
                    int key = FormatKey(handle);
                    YValue value = FormatValue(handle);
                    if (attributes.TryGetValue(Keys.Text(key), out YValue wanted) && !wanted.IsUndefined)
                    {
                        if (wanted.EqualsAsAttribute(value))
                        {
                            negated?.Remove(key);
                        }
                        else
                        {
                            if (length == 0)
                                break;
                            (negated ??= new FormatMap()).Set(key, value);
                        }

                        Delete(transaction, handle);
                    }
                    else
                    {
                        position.Attributes.Set(key, value);
                    }
                }
                else
                {
                    if (length < Items[handle].Length)
                        SplitItem(transaction, handle, length);
                    length -= Items[handle].Length;
                }
            }

            Forward(position);
        }

        if (length > 0)
        {
            // Quill's documents end with a line break that Yjs does not have; formatting beyond the end makes it real.
            ClientStructs own = _clients[InternClient(Doc.ClientId)];
            int content = own.Text.AppendChars(new string('\n', length));
            position.Right = NewItem(transaction, position.Left, position.Right, type, -1, StructKind.String, content, length);
            Forward(position);
        }

        InsertNegated(transaction, type, position, negated);
    }

    public void DeleteText(Transaction transaction, int type, int index, int length)
    {
        if (_types[type].HasFormatting)
            DeleteAt(transaction, FindPosition(transaction, type, index), length);
        else
            DeleteUnits(transaction, type, index, Math.Min(length, _types[type].Length - index));
    }

    public void DeleteAt(Transaction transaction, TextPosition position, int length)
    {
        FormatMap startAttributes = position.Attributes.Clone();
        int start = position.Right;
        while (length > 0 && position.Right != None)
        {
            int handle = position.Right;
            if (!Items[handle].IsDeleted && Items[handle].Kind is StructKind.Type or StructKind.Embed or StructKind.String)
            {
                if (length < Items[handle].Length)
                    SplitItem(transaction, handle, length);
                length -= Items[handle].Length;
                Delete(transaction, handle);
            }

            Forward(position);
        }

        if (start != None)
            CleanupGap(transaction, start, position.Right, startAttributes, position.Attributes);
    }

    /// <summary>Steps over the item on the right, and over its effect if it is a format.</summary>
    public void Forward(TextPosition position)
    {
        int handle = position.Right;
        ref Item item = ref Items[handle];
        position.Left = handle;
        position.Right = item.Right;
        if (item.Kind == StructKind.Format && !item.IsDeleted)
            position.Attributes.Pass(FormatKey(handle), FormatValue(handle));
    }

    // Formats in effect that the new content shall not have end in front of it.
    private YObject WithEnds(TextPosition position, YObject attributes)
    {
        if (position.FormatCount == 0)
            return attributes;
        YObject complete = [.. attributes];
        for (int i = 0; i < position.Attributes.Count; i++)
        {
            string key = Keys.Text(position.Attributes[i].Key);
            if (!complete.TryGetValue(key, out YValue value) || value.IsUndefined)
                complete[key] = YValue.Null;
        }

        return complete;
    }

    private void SkipEqual(TextPosition position, YObject attributes)
    {
        while (position.Right != None)
        {
            ref Item right = ref Items[position.Right];
            if (!right.IsDeleted)
            {
                if (right.Kind != StructKind.Format)
                    return;
                YValue wanted = attributes.TryGetValue(Keys.Text(FormatKey(position.Right)), out YValue value) && !value.IsUndefined ? value : YValue.Null;
                if (!wanted.EqualsAsAttribute(FormatValue(position.Right)))
                    return;
            }

            Forward(position);
        }
    }

    private FormatMap? InsertFormats(Transaction transaction, int type, TextPosition position, YObject attributes)
    {
        FormatMap? negated = null;
        for (int i = 0; i < attributes.Count; i++)
        {
            (string name, YValue value) = attributes.At(i);
            int key = Keys.Intern(name);
            YValue current = position.FormatCount == 0 ? YValue.Null : position.Attributes.Get(key);
            if (current.EqualsAsAttribute(value))
                continue;
            (negated ??= new FormatMap()).Set(key, current);
            position.Right = NewFormat(transaction, position, type, key, value);
            Forward(position);
        }

        return negated;
    }

    private void InsertNegated(Transaction transaction, int type, TextPosition position, FormatMap? negated)
    {
        // Also without formats: a delta goes on behind what is deleted here.
        while (position.Right != None)
        {
            ref Item right = ref Items[position.Right];
            if (!right.IsDeleted)
            {
                if (right.Kind != StructKind.Format)
                    break;
                int key = FormatKey(position.Right);
                if (negated is null || !negated.TryGet(key, out YValue value) || !value.EqualsAsAttribute(FormatValue(position.Right)))
                    break;
                negated.Remove(key);
            }

            Forward(position);
        }

        for (int i = 0; i < (negated?.Count ?? 0); i++)
        {
            (int key, YValue value) = negated![i];
            position.Right = NewFormat(transaction, position, type, key, value);
            Forward(position);
        }
    }

    private int NewFormat(Transaction transaction, TextPosition position, int type, int key, in YValue value)
    {
        Span<byte> header = stackalloc byte[FormatHeader - 1];
        BinaryPrimitives.WriteInt32LittleEndian(header, key);
        int handle = NewItem(
            transaction, position.Left, position.Right, type, -1, StructKind.Format, Arena.Add(header, Encode(value)), 1);
        if (value.Kind is YValueKind.Object or YValueKind.Array && Items[handle].Kind == StructKind.Format)
            (_formatObjects ??= [])[handle] = value;
        return handle;
    }
}
