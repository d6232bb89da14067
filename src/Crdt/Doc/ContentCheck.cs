namespace CoEdit.Crdt;

/// <summary>Checks everything that one call puts into a document before anything of it is done: values, types in types, and whether there are clocks for it.</summary>
/// <remarks>Works with a stack of its own: types that wait for a document nest as deep as the application likes.</remarks>
internal struct ContentCheck
{
    private Stack<YType>? _waiting;
    private HashSet<YType>? _seen;
    private long _units;

    /// <summary>Checks the elements of a list.</summary>
    public static void List(StructStore store, ReadOnlySpan<YValue> values)
    {
        ContentCheck check = default;
        check.AddList(values);
        check.Finish(store);
    }

    /// <summary>Checks the value of a key or an attribute.</summary>
    public static void Value(StructStore store, in YValue value)
    {
        ContentCheck check = default;
        check.Add(value);
        check.Finish(store);
    }

    /// <summary>Checks nodes of an XML tree.</summary>
    public static void Types(StructStore store, ReadOnlySpan<YType> types)
    {
        ContentCheck check = default;
        check.AddTypes(types);
        check.Finish(store);
    }

    /// <summary>Lists hold everything but undefined and bare 64-bit integers, as in Yjs.</summary>
    public void AddList(ReadOnlySpan<YValue> values)
    {
        foreach (ref readonly YValue value in values)
        {
            if (value.Kind is YValueKind.Undefined or YValueKind.BigInt)
                throw new ArgumentException("A list holds neither undefined nor bare 64-bit integers.", nameof(values));
            Add(value);
        }
    }

    public void AddTypes(ReadOnlySpan<YType> types)
    {
        foreach (YType type in types)
            Add(YValue.FromType(type));
    }

    public void Add(in YValue value)
    {
        _units++;
        if (value.Kind == YValueKind.Type)
            AddType(value.AsType());
        else if (value.Kind is YValueKind.Array or YValueKind.Object)
            CheckPlain(value, asJson: false);
    }

    /// <summary>An embed of a text: a shared type, or what JSON can hold.</summary>
    public void AddEmbed(in YValue embed)
    {
        _units++;
        if (embed.Kind == YValueKind.Type)
            AddType(embed.AsType());
        else
            CheckPlain(embed, asJson: true);
    }

    /// <summary>Attributes of a change, where up to <paramref name="others"/> formats of other names may have to end and begin again.</summary>
    public void AddFormats(YObject? attributes, int others)
    {
        _units += 2L * others;
        for (int i = 0; i < (attributes?.Count ?? 0); i++)
        {
            YValue value = attributes!.At(i).Value;
            if (value.IsUndefined)
                throw new ArgumentException("A format cannot be undefined; null takes it away.", nameof(attributes));
            CheckPlain(value, asJson: true);
            _units += 2;
        }
    }

    public void AddUnits(long count) => _units += count;

    /// <summary>Checks what the types hold, and the clocks that all of it takes.</summary>
    /// <exception cref="InvalidOperationException">The clocks of the document's client id do not suffice.</exception>
    public void Finish(StructStore store)
    {
        while (_waiting is not null && _waiting.TryPop(out YType? type))
            type.CheckContent(ref this);
        store.CheckRoom(_units);
    }

    private void AddType(YType type)
    {
        if (type.Doc is not null)
            throw new ArgumentException("The shared type is part of a document already.", nameof(type));
        if (!(_seen ??= []).Add(type))
            throw new ArgumentException("The shared type is to be put into the document twice.", nameof(type));
        (_waiting ??= new Stack<YType>()).Push(type);
    }

    private static void CheckPlain(in YValue value, bool asJson)
    {
        if (value.Kind is not (YValueKind.Array or YValueKind.Object))
        {
            CheckScalar(value, asJson);
            return;
        }

        Stack<YValue> containers = new();
        containers.Push(value);
        while (containers.TryPop(out YValue container))
        {
            YObject? members = container.Kind == YValueKind.Object ? container.AsObject() : null;
            int count = members?.Count ?? container.AsArray().Count;
            for (int i = 0; i < count; i++)
            {
                YValue next = members?.At(i).Value ?? container.AsArray()[i];
                if (next.Kind is YValueKind.Array or YValueKind.Object)
                    containers.Push(next);
                else
                    CheckScalar(next, asJson);
            }
        }
    }

    private static void CheckScalar(in YValue value, bool asJson)
    {
        if (value.Kind is YValueKind.Type or YValueKind.Document)
            throw new ArgumentException("A shared type or a document cannot lie inside a plain value.", nameof(value));
        if (asJson && value.Kind == YValueKind.BigInt)
            throw new ArgumentException("Embeds and formats are JSON, which has no 64-bit integers.", nameof(value));
    }
}
