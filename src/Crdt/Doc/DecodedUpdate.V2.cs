namespace CoEdit.Crdt;

/// <summary>Reading an update v2 into the same form: structs with positions in its bytes, clients as indices of the store.</summary>
/// <remarks>
/// What differs from v1 in a <see cref="Struct"/>: <c>Content</c> and <c>End</c> enclose the value without prefixes, <c>Start</c> is the
/// number of a key (formats, XML elements and hooks) or of one of <see cref="Texts"/> (guids, texts with half a surrogate pair), and the
/// content of a type is its kind. What has no place of its own in the bytes is appended to them, see <see cref="SourceOf"/>.
/// </remarks>
internal sealed partial class DecodedUpdate
{
    private const int SmallestSectionV2 = 2;
    private const int KeepSpare = 4096;

    private readonly ByteBuffer _spare = new();
    private ScratchList<TextRef> _keys;
    private ScratchList<int> _keyIds;

    /// <summary>Strings that structs of an update v2 refer to by number.</summary>
    public ScratchList<TextRef> Texts;

    public UpdateFormat Format { get; private set; }

    /// <summary>Reads and validates an update v2. On an exception the store's clients have to be truncated.</summary>
    /// <param name="update">The update.</param>
    /// <param name="store">Where it is to be applied.</param>
    /// <param name="options">Bounds the structs that a few bytes repeat.</param>
    /// <param name="roots">Admits names of roots; null for what was admitted before.</param>
    public void ReadV2(ReadOnlySpan<byte> update, StructStore store, UpdateReadOptions options, NewRoots? roots)
    {
        Format = UpdateFormat.V2;
        _number = Interlocked.Increment(ref s_numbers);
        UpdateColumns columns = UpdateColumns.Open(update);
        UpdateDecoderV2 decoder = new(update, ref columns);
        ulong sections = decoder.Rest.ReadVarUInt();
        if (sections > (ulong)(decoder.Rest.Remaining / SmallestSectionV2))
            throw new MalformedUpdateException("An update announces more clients than its bytes can hold.");

        // A column can repeat a struct at no cost, so bytes don't bound their number.
        ulong allowed = Math.Min((ulong)update.Length + (ulong)options.MaxRepeatedStructs, int.MaxValue);
        StructFields fields = default;
        for (ulong i = 0; i < sections; i++)
        {
            ulong count = decoder.Rest.ReadVarUInt();
            int client = store.InternClient(decoder.ReadClient());
            uint clock = decoder.Rest.ReadVarUInt31();
            if (count > allowed)
                throw new MalformedUpdateException("An update v2 repeats too many structs.");
            allowed -= count;
            OpenSection(store.Client(client), (int)count);
            Structs.Reserve(Math.Min((int)count, update.Length));
            _units = 0;
            ReadOnlySpan<byte> lastRoot = default;
            for (ulong k = 0; k < count; k++)
            {
                StructFieldsReader.Read(ref decoder, ref fields);
                if (clock + fields.Length > int.MaxValue)
                    throw new MalformedUpdateException("A struct ends above the largest clock.");
                AddStruct(update, fields, store, client, clock, decoder.LastKey);
                ref Struct added = ref Structs.Last;
                if (roots is not null && added.IsRootChild)
                {
                    ReadOnlySpan<byte> root = NameAt(update, added.A, added.B);
                    if (lastRoot.IsEmpty || !root.SequenceEqual(lastRoot))
                        roots.Admit(store, lastRoot = root);
                }

                clock += fields.Length;
            }

            Sections.Last.TextUnits = (int)Math.Min(_units, int.MaxValue);
        }

        ReadDeleteSetV2(ref decoder.Rest, store);
        _keys = columns.Keys;
        _keyIds.Reserve(_keys.Count);
        for (int i = 0; i < _keys.Count; i++)
            _keyIds.Add(-1);
    }

    /// <summary>The bytes that the structs' positions mean: the update itself and, rarely, something behind it.</summary>
    public ReadOnlySpan<byte> SourceOf(ReadOnlySpan<byte> update)
    {
        if (_spare.Length == 0)
            return update;
        byte[] source = [.. update, .. _spare.Written];
        return source;
    }

    /// <summary>The store's id of a key that structs of an update v2 refer to by number.</summary>
    /// <remarks>A key may be long and referred to very often, so it is looked up once.</remarks>
    public int InternKey(int number, ReadOnlySpan<byte> update, KeyTable keys)
    {
        ref int id = ref _keyIds[number];
        if (id < 0)
        {
            TextRef key = _keys[number];
            id = key.IsWhole ? keys.Intern(update.Slice(key.Start, key.Length)) : keys.Intern(key.In(update).ToString());
        }

        return id;
    }

    private void ClearV2()
    {
        Format = UpdateFormat.V1;
        Texts.Clear(KeepEntries);
        _keyIds.Clear(KeepEntries);
        _keys = default;
        _spare.Clear(KeepSpare);
    }

    private void AddStruct(ReadOnlySpan<byte> update, in StructFields fields, StructStore store, int client, uint clock, int key)
    {
        Struct next = new()
        {
            Info = (byte)((int)fields.Kind
                | (fields.IsItem && fields.HasOrigin ? StructInfo.HasOrigin : 0)
                | (fields.IsItem && fields.HasRightOrigin ? StructInfo.HasRightOrigin : 0)
                | (fields.IsItem && fields.HasParentSub ? StructInfo.HasParentSub : 0)),
            Start = -1,
            Clock = (int)clock,
            Length = (int)fields.Length,
            A = Item.NoClient,
            C = Item.NoClient,
        };
        if (fields.IsItem)
        {
            if (fields.HasOrigin)
                (next.A, next.B) = Reference(store, client, clock, fields.OriginClient, fields.OriginClock);
            if (fields.HasRightOrigin)
                (next.C, next.D) = Reference(store, client, clock, fields.RightClient, fields.RightClock);
            if (fields.Parent == ParentForm.Root)
                (next.IsRootChild, (next.A, next.B)) = (true, Place(update, fields.Root));
            else if (fields.Parent == ParentForm.Item)
                (next.A, next.B) = Reference(store, client, clock, fields.ParentClient, fields.ParentClock);
            if (fields.HasParentSub)
                (next.C, next.D) = Place(update, fields.ParentSub);
            PlaceContent(update, fields, ref next, key);
        }

        Structs.Add(next);
    }

    private void PlaceContent(ReadOnlySpan<byte> update, in StructFields fields, ref Struct next, int key)
    {
        switch (fields.Kind)
        {
            case StructKind.String:
                next.Content = fields.Text.Start;
                next.End = fields.Text.Start + fields.Text.Length;
                next.IsAscii = next.HasOrigins && fields.Text.IsWhole && fields.Text.Length == next.Length;
                if (next.HasOrigins)
                    _units += fields.Length;
                if (!fields.Text.IsWhole)
                    next.Start = AddText(fields.Text);
                return;
            case StructKind.Json:
                next.Content = update.Length + _spare.Length;
                StringColumnDecoder elements = fields.JsonStrings;
                for (uint i = 0; i < fields.Length; i++)
                    _spare.WriteVarBytes(elements.Read(update, out _).In(update).Utf8);
                next.End = update.Length + _spare.Length;
                return;
            case StructKind.Type:
                next.Content = fields.TypeRef;
                next.Start = fields.HasTypeName ? key : -1;
                return;
            case StructKind.Format:
                next.Start = key;
                break;
            case StructKind.Doc:
                next.Start = AddText(fields.Text);
                break;
        }

        next.Content = fields.ValueStart;
        next.End = fields.ValueEnd;
    }

    private static (int Client, int Clock) Reference(StructStore store, int client, uint clock, ulong toClient, uint toClock)
    {
        int to = store.InternClient(toClient);
        CheckReference(client, (int)clock, to, (int)toClock);
        return (to, (int)toClock);
    }

    private int AddText(TextRef text)
    {
        Texts.Add(text);
        return Texts.Count - 1;
    }

    // Names are UTF-8 in the store: half a surrogate pair becomes U+FFFD, as on every way through an update v1.
    private (int Start, int Length) Place(ReadOnlySpan<byte> update, TextRef name)
    {
        if (name.IsWhole)
            return (name.Start, name.Length);
        WireText text = name.In(update);
        int start = update.Length + _spare.Length;
        if (text.Before != '\0')
            _spare.Append(WireText.Replacement);
        _spare.Append(text.Utf8);
        if (text.Behind != '\0')
            _spare.Append(WireText.Replacement);
        return (start, text.Utf8Length);
    }

    private ReadOnlySpan<byte> NameAt(ReadOnlySpan<byte> update, int start, int length) =>
        start < update.Length ? update.Slice(start, length) : _spare.Written.Slice(start - update.Length, length);

    private void ReadDeleteSetV2(ref Lib0Reader reader, StructStore store)
    {
        ulong clients = reader.ReadVarUInt();
        if (clients > (ulong)(reader.Remaining / 2))
            throw new MalformedUpdateException("A delete set announces more clients than its bytes can hold.");
        for (ulong i = 0; i < clients; i++)
        {
            ulong client = reader.ReadVarUInt();
            ulong ranges = reader.ReadVarUInt();
            if (ranges > (ulong)(reader.Remaining / 2))
                throw new MalformedUpdateException("A delete set announces more ranges than its bytes can hold.");
            int index = ranges > 0 ? store.InternClient(client) : -1;
            ulong end = 0;
            for (ulong k = 0; k < ranges; k++)
            {
                ulong start = end + reader.ReadVarUInt31();
                end = start + reader.ReadVarUInt31() + 1;
                if (end > int.MaxValue)
                    throw new MalformedUpdateException("A delete range ends above the largest clock.");
                Deletes.Add(new ClockRun(index, (int)start, (int)(end - start)));
            }
        }
    }
}
