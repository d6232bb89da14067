using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Protocol;

/// <summary>What the table knows about one client: its clock, its state if it has one, and who stands for it.</summary>
internal sealed class AwarenessEntry(ulong clientId)
{
    public ulong ClientId { get; } = clientId;

    /// <summary>The highest clock accepted; survives the removal of the state.</summary>
    public ulong Clock { get; set; }

    /// <summary>JSON text in UTF-8, or null. An array is never changed once it is here, so that it may be handed out.</summary>
    public byte[]? State { get; set; }

    /// <summary>When the state was last accepted, in milliseconds of the caller's clock.</summary>
    public long RefreshedAtMs { get; set; }

    /// <summary>Head of the list of open connections whose home this is. If one of them announced the current state, it is this.</summary>
    public AwarenessPeer? NewestHome { get; private set; }

    /// <summary>The connection whose quota a state without a home counts against. It may have left.</summary>
    public AwarenessPeer? RelayedBy { get; private set; }

    /// <summary>The user whose home this was first; nobody else's word about the client counts. Null: it is nobody's.</summary>
    public string? Owner { get; set; }

    /// <summary>Set while the entry is in the list of what <see cref="AwarenessTable.Apply"/> accepted.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>Place in the table's queue of removed clients, or null.</summary>
    public LinkedListNode<AwarenessEntry>? RemovedNode { get; set; }

    [MemberNotNullWhen(true, nameof(State))]
    public bool HasState => State is not null;

    [MemberNotNullWhen(true, nameof(NewestHome))]
    public bool HasOpenHome => NewestHome is not null;

    /// <summary>True when the client belongs to another user than the one behind <paramref name="peer"/>.</summary>
    public bool IsForeignTo(AwarenessPeer peer) =>
        Owner is not null && !string.Equals(Owner, peer.Identity?.Principal, StringComparison.Ordinal);

    public void SetRelayedBy(AwarenessPeer? peer)
    {
        if (RelayedBy == peer)
            return;
        if (RelayedBy is not null)
            RelayedBy.RelayedCount--;
        RelayedBy = peer;
        if (peer is not null)
            peer.RelayedCount++;
    }

    /// <summary>Adds a connection as the oldest one: it stands for the client from now on, but has not announced it yet.</summary>
    public void AddHome(AwarenessPeer peer)
    {
        peer.Home = this;
        if (NewestHome is null)
        {
            NewestHome = peer;
            return;
        }

        AwarenessPeer oldest = NewestHome;
        while (oldest.OlderHome is not null)
            oldest = oldest.OlderHome;
        oldest.OlderHome = peer;
    }

    public void MakeNewestHome(AwarenessPeer peer)
    {
        if (NewestHome == peer)
            return;
        Unlink(peer);
        peer.OlderHome = NewestHome;
        NewestHome = peer;
    }

    public void RemoveHome(AwarenessPeer peer)
    {
        Unlink(peer);
        peer.Home = null;
        peer.HomeIsProven = false;
    }

    private void Unlink(AwarenessPeer peer)
    {
        if (NewestHome == peer)
        {
            NewestHome = peer.OlderHome;
        }
        else
        {
            AwarenessPeer newer = NewestHome!;
            while (newer.OlderHome != peer)
                newer = newer.OlderHome!;
            newer.OlderHome = peer.OlderHome;
        }

        peer.OlderHome = null;
    }
}
