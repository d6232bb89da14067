using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>Reads the fields of an update v2 from its columns.</summary>
/// <remarks>
/// Reading a struct takes, in this order: info, left id, right id, parent info, root name or left id, parent sub, content. Positions are
/// kept in the <see cref="UpdateColumns"/> it was made with, after <see cref="Save"/> the one in the rest too; so an update can be read
/// piecemeal by many short-lived decoders. Nothing is allocated but the list of keys.
/// </remarks>
internal ref struct UpdateDecoderV2 : IUpdateDecoder
{
    private const ulong MaxTypeRef = 6;

    private readonly ReadOnlySpan<byte> _update;
    private readonly ref UpdateColumns _columns;
    private Lib0Reader _rest;

    /// <summary>The number of the key that was read last.</summary>
    public int LastKey { get; private set; }

    /// <summary>Reads on where <paramref name="columns"/> stands.</summary>
    public UpdateDecoderV2(ReadOnlySpan<byte> update, ref UpdateColumns columns)
    {
        _update = update;
        _columns = ref columns;
        _rest = new Lib0Reader(update);
        _rest.Skip(columns.RestPosition);
    }

    [UnscopedRef]
    public ref Lib0Reader Rest => ref _rest;

    /// <summary>Remembers the position in the rest for the next decoder of the same columns.</summary>
    public readonly void Save() => _columns.RestPosition = _rest.Position;

    public ulong ReadClient() => _columns.Clients.Read(_update);

    public byte ReadInfo() => _columns.Infos.Read(_update);

    public void ReadLeftId(out ulong client, out uint clock)
    {
        client = _columns.Clients.Read(_update);
        clock = ToClock(_columns.LeftClocks.Read(_update));
    }

    public void ReadRightId(out ulong client, out uint clock)
    {
        client = _columns.Clients.Read(_update);
        clock = ToClock(_columns.RightClocks.Read(_update));
    }

    public bool ReadParentInfo() => _columns.ParentInfos.Read(_update) == 1;

    public TextRef ReadString(out int units) => _columns.Strings.Read(_update, out units);

    public TextRef ReadKey()
    {
        ulong index = _columns.KeyClocks.Read(_update);
        if (index < (ulong)_columns.Keys.Count)
        {
            LastKey = (int)index;
            return _columns.Keys[LastKey];
        }

        LastKey = _columns.Keys.Count;
        TextRef key = _columns.Strings.Read(_update, out _);
        _columns.Keys.Add(key);
        return key;
    }

    public byte ReadTypeRef()
    {
        ulong typeRef = _columns.TypeRefs.Read(_update);
        if (typeRef > MaxTypeRef)
            throw new MalformedUpdateException("A shared type has an unknown kind.");
        return (byte)typeRef;
    }

    public uint ReadLength() => ToClock(_columns.Lengths.Read(_update));

    public void ReadJsonElements(uint count, ref StructFields fields)
    {
        // Each element has at least one character, so a column of runs cannot promise more of them than its text has bytes.
        fields.JsonInColumn = true;
        fields.JsonStrings = _columns.Strings;
        for (uint i = 0; i < count; i++)
        {
            TextRef element = _columns.Strings.Read(_update, out _);
            if (!element.IsWhole)
                throw new MalformedUpdateException("A JSON text is cut inside a character.");
            JsonText.CheckElement(_update.Slice(element.Start, element.Length));
        }
    }

    public void ReadJson(ref StructFields fields)
    {
        fields.ValueStart = _rest.Position;
        AnyValue.Skip(ref _rest, 1);
        fields.ValueEnd = _rest.Position;
        fields.ValueIsJson = false;
    }

    private static uint ToClock(ulong value)
    {
        if (value > int.MaxValue)
            throw new MalformedUpdateException("A clock or a length is larger than the format allows.");
        return (uint)value;
    }
}
