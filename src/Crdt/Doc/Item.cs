using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>A run of content with its place in the document, or a collected run (<see cref="StructKind.Gc"/>) without one.</summary>
/// <remarks>
/// 48 bytes without references, kept in the pages of <see cref="ItemPages"/> and named by an int handle; handle 0 is "none". Clients are dense
/// indices into <see cref="StructStore"/>'s table, -1 is "no origin".
/// </remarks>
internal struct Item
{
    public const uint Deleted = 1;
    public const uint Keep = 2;
    public const uint Redone = 4;
    public const uint Keyed = 8;
    public const int NoClient = -1;
    public const int MaxClients = 1 << 24;

    private const int KindShift = 4;
    private const int ClientShift = 8;
    private const uint KindBits = 0xF0;

    // client (24 bits), kind (4), flags (4)
    private uint _bits;

    public int Clock;
    public int Length;
    public int OriginClient;
    public int OriginClock;
    public int RightClient;
    public int RightClock;
    public int Left;
    public int Right;

    /// <summary>String: position in the client's text. Type: type handle. Deleted and Gc: unused. Others: record in the arena.</summary>
    public int Content;

    /// <summary>The type that holds the item; 0 for Gc.</summary>
    public int Parent;

    /// <summary>List items: leaf of the list's index or 0. Map items: the key.</summary>
    public int Aux;

    public readonly int Client => (int)(_bits >> ClientShift);

    public readonly StructKind Kind => (StructKind)((_bits & KindBits) >> KindShift);

    public readonly int End => Clock + Length;

    public readonly int Last => Clock + Length - 1;

    public readonly bool IsDeleted => (_bits & Deleted) != 0;

    public readonly bool IsKeyed => (_bits & Keyed) != 0;

    public readonly bool HasOrigin => OriginClient >= 0;

    public readonly bool HasRightOrigin => RightClient >= 0;

    public readonly bool IsGc => (_bits & KindBits) == 0;

    /// <summary>Content that takes part in the length and the indices of its list.</summary>
    public readonly bool IsCountable => Kind is not (StructKind.Gc or StructKind.Deleted or StructKind.Format);

    /// <summary>Units a reader of the list sees.</summary>
    public readonly int VisibleLength => IsDeleted || !IsCountable ? 0 : Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Has(uint flag) => (_bits & flag) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(uint flag) => _bits |= flag;

    public void Unset(uint flag) => _bits &= ~flag;

    public void SetHeader(int client, StructKind kind, uint flags) =>
        _bits = ((uint)client << ClientShift) | ((uint)kind << KindShift) | flags;

    public void SetKind(StructKind kind) => _bits = (_bits & ~KindBits) | ((uint)kind << KindShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool OriginIs(int client, int clock) => OriginClient == client && (client < 0 || OriginClock == clock);

    public readonly bool SameRightOrigin(in Item other) =>
        RightClient == other.RightClient && (RightClient < 0 || RightClock == other.RightClock);

    public readonly bool SameHeader(in Item other) => ((_bits ^ other._bits) & ~(Keep | Keyed)) == 0;
}
