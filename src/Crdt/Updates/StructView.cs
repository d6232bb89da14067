namespace CoEdit.Crdt;

/// <summary>Bits of a struct's first byte.</summary>
internal static class StructInfo
{
    public const int KindMask = 0x1F;
    public const int HasOrigin = 0x80;
    public const int HasRightOrigin = 0x40;
    public const int HasParentSub = 0x20;
    public const int HasAnyOrigin = HasOrigin | HasRightOrigin;
}

/// <summary>The low five bits of a struct's first byte: what it carries.</summary>
internal enum StructKind
{
    Gc = 0,
    Deleted = 1,
    Json = 2,
    Binary = 3,
    String = 4,
    Embed = 5,
    Format = 6,
    Type = 7,
    Any = 8,
    Doc = 9,
    Skip = 10,
}

/// <summary>Where the parts of one struct lie in the bytes it was read from, and what it refers to.</summary>
/// <remarks>Mutable and reused: <see cref="StructReader.Read"/> sets what the struct's first byte announces, nothing else.</remarks>
internal struct StructView
{
    /// <summary>Offset of the first byte.</summary>
    public int Start;

    /// <summary>Offset of the content, behind the references and the parent.</summary>
    public int Content;

    /// <summary>Offset of the content behind its length or count prefix (kinds with such a prefix only).</summary>
    public int Payload;

    /// <summary>Offset of the byte behind the struct.</summary>
    public int End;

    /// <summary>Units that the struct stands for; never 0.</summary>
    public uint Length;

    /// <summary>How deep the values inside are nested (kinds with values only, <see cref="HasValues"/>).</summary>
    public int Nesting;

    public byte Info;

    /// <summary>Set when <see cref="HasParent"/>: true for a root type (name), false for the id of an item.</summary>
    public bool ParentIsRoot;
    public int RootName;
    public int RootNameLength;

    /// <summary>Set when <see cref="HasParent"/>: offset of the map key, or -1 for a list item.</summary>
    public int Key;
    public int KeyLength;

    public ulong OriginClient;
    public uint OriginClock;
    public ulong RightClient;
    public uint RightClock;
    public ulong ParentClient;
    public uint ParentClock;

    public readonly StructKind Kind => (StructKind)(Info & StructInfo.KindMask);

    public readonly bool HasOrigin => (Info & StructInfo.HasOrigin) != 0;

    public readonly bool HasRightOrigin => (Info & StructInfo.HasRightOrigin) != 0;

    /// <summary>GC and Skip stand for clocks only; everything else is an item with a place in the document.</summary>
    public readonly bool IsItem => Kind is not (StructKind.Gc or StructKind.Skip);

    /// <summary>True when the parent is on the wire: it is, exactly when there is no origin to take it from.</summary>
    public readonly bool HasParent => (Info & StructInfo.HasAnyOrigin) == 0 && IsItem;

    /// <summary>Content that holds JSON or "any" values.</summary>
    public readonly bool HasValues => Kind is StructKind.Json or StructKind.Embed or StructKind.Format or StructKind.Any or StructKind.Doc;
}
