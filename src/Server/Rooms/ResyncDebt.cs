using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>What a peer misses whose outbox overflowed: a lower bound of what it has, and the kinds of message that were dropped.</summary>
/// <remarks>Owned by the loop of the peer's room.</remarks>
internal sealed class ResyncDebt
{
    /// <summary>The peer has at least this. One diff against it replaces every update that was dropped or passed over.</summary>
    public required StateVector Known { get; init; }

    /// <summary>The peer's own question (step 1) is unanswered, so the diff has to go out as a step 2.</summary>
    public bool Step2 { get; set; }

    /// <summary>Questions of ours (step 1) that never reached the peer. Each is asked again, for answers are counted.</summary>
    public int Step1s { get; private set; }

    /// <summary>Clients that the peer may show although it never heard that they left; null while no presence was lost.</summary>
    public HashSet<ulong>? Shown { get; private set; }

    /// <summary>Those it was shown when its queue overflowed.</summary>
    public required IReadOnlyCollection<AwarenessState> ShownAtFirst { get; init; }

    /// <summary>Takes note of a y-websocket frame that the peer will not get.</summary>
    public void Add(ReadOnlySpan<byte> frame, List<ClockRange> scratch)
    {
        YWebSocketFrame message = YWebSocketFrame.Read(frame);
        switch (message.Kind)
        {
            case FrameKind.SyncStep1:
                Step1s++;
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
