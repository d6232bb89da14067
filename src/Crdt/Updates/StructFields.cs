namespace CoEdit.Crdt;

/// <summary>Where the parent of an item is written.</summary>
internal enum ParentForm : byte
{
    /// <summary>Nowhere: it is taken from a neighbour, or the struct has none.</summary>
    None,

    /// <summary>As the name of a root type.</summary>
    Root,

    /// <summary>As the id of the item that holds the type.</summary>
    Item,
}

/// <summary>One struct of an update in either format: its numbers, and where its strings and values lie in the update.</summary>
/// <remarks>Mutable and reused. Fields that a kind of content doesn't have keep what an earlier struct left in them.</remarks>
internal struct StructFields
{
    private const byte XmlElement = 3;
    private const byte XmlHook = 5;

    public ulong Client;
    public uint Clock;

    /// <summary>Units that the struct stands for; never 0.</summary>
    public uint Length;

    public StructKind Kind;

    public bool HasOrigin;
    public bool HasRightOrigin;
    public ParentForm Parent;

    /// <summary>True when a map key is really there. The flag of the first byte is ignored next to an origin, as Yjs does.</summary>
    public bool HasParentSub;

    public ulong OriginClient;
    public uint OriginClock;
    public ulong RightClient;
    public uint RightClock;
    public ulong ParentClient;
    public uint ParentClock;

    /// <summary>Name of the root type, with <see cref="ParentForm.Root"/>.</summary>
    public TextRef Root;

    public TextRef ParentSub;

    /// <summary>The text of a String, the key of a Format, the guid of a Doc, the name of an XML element or hook.</summary>
    public TextRef Text;

    public byte TypeRef;

    /// <summary>First byte of: the values of an Any, a Binary's bytes, the value of an Embed or a Format, the options of a Doc, JSON elements.</summary>
    public int ValueStart;

    /// <summary>Offset behind them.</summary>
    public int ValueEnd;

    /// <summary>The value of an Embed or a Format is JSON text, not a lib0 value.</summary>
    public bool ValueIsJson;

    /// <summary>JSON elements are in a string column (<see cref="JsonStrings"/>), not at <see cref="ValueStart"/>.</summary>
    public bool JsonInColumn;

    /// <summary>The string column at the first JSON element.</summary>
    public StringColumnDecoder JsonStrings;

    public readonly uint End => Clock + Length;

    /// <summary>True for the shared types that carry a name in <see cref="Text"/>: XML elements and hooks.</summary>
    public readonly bool HasTypeName => Kind == StructKind.Type && TypeRef is (XmlElement or XmlHook);

    public readonly bool IsItem => Kind is not (StructKind.Gc or StructKind.Skip);
}
