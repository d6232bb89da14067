using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>One connection as its room sees it: an outbox, presence, and what is owed after an overflow.</summary>
/// <remarks>Everything but <see cref="Outbox"/> and <see cref="Id"/> is touched only by the room's loop.</remarks>
internal sealed class Peer(long id, Outbox outbox, string? principal)
{
    /// <summary>Number of this connection, unique in the process.</summary>
    public long Id { get; } = id;

    public Outbox Outbox { get; } = outbox;

    /// <summary>Who was let in; null when everybody is.</summary>
    public string? Principal { get; } = principal;

    /// <summary>This connection's share of the presence table, while it is in the room.</summary>
    public AwarenessPeer? Awareness { get; set; }

    /// <summary>Set while the peer lags: its queue was dropped and one diff is owed when it drains.</summary>
    public ResyncDebt? Debt { get; set; }

    /// <summary>When the peer was last asked to send everything again, in monotonic milliseconds.</summary>
    public long? AskedAgainAt { get; set; }

    /// <summary>Closes the connection after what is queued. The room has let go of the peer, or does so when it leaves.</summary>
    public void Close(int code, string reason) => Outbox.Close(code, reason);
}

/// <summary>What a peer misses whose outbox overflowed: a lower bound of what it has, and the kinds of message that were dropped.</summary>
internal sealed class ResyncDebt
{
    /// <summary>The peer has at least this. One diff against it replaces every update that was dropped or passed over.</summary>
    public required StateVector Known { get; init; }

    /// <summary>The peer's own question (step 1) is unanswered, so the diff has to go out as a step 2.</summary>
    public bool Step2 { get; set; }

    /// <summary>Our question (step 1) never reached the peer.</summary>
    public bool Step1 { get; set; }

    /// <summary>Clients that the peer may show although it never heard that they left; null while no presence was lost.</summary>
    public HashSet<ulong>? Shown { get; private set; }

    /// <summary>Those it was shown when its queue overflowed.</summary>
    public required IReadOnlyCollection<AwarenessState> ShownAtFirst { get; init; }

    /// <summary>Takes note of a frame that the peer will not get.</summary>
    public void Add(ReadOnlySpan<byte> frame, List<ClockRange> scratch)
    {
        YWebSocketFrame message = YWebSocketFrame.Read(frame);
        switch (message.Kind)
        {
            case FrameKind.SyncStep1:
                Step1 = true;
                break;
            case FrameKind.SyncStep2 or FrameKind.Update:
                Step2 |= message.Kind == FrameKind.SyncStep2;
                scratch.Clear();
                UpdateInfo.ReadRanges(message.Payload, scratch, []);
                foreach (ClockRange range in scratch)
                    Known.Lower(range.Client, range.Start);
                break;
            case FrameKind.Awareness:
                Shown ??= [.. ShownAtFirst.Select(state => state.ClientId)];
                AwarenessTable.ReadClients(message.Payload, Shown);
                break;
        }
    }

    /// <summary>The peer asked for what it lacks and told what it has.</summary>
    public void Ask(StateVector theirs)
    {
        Step2 = true;
        foreach ((ulong client, _) in Known.Clone())
            Known.Lower(client, theirs[client]);
    }
}
