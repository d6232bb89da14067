using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>What a peer misses whose outbox overflowed: a lower bound of what it has, and the kinds of message that were dropped.</summary>
/// <remarks>Owned by the loop of the peer's room.</remarks>
internal sealed class ResyncDebt
{
    private int _step1s;
    private HashSet<ulong>? _shown;

    /// <summary>The peer has at least this. One diff against it replaces every update that was dropped or passed over.</summary>
    public required StateVector Known { get; init; }

    /// <summary>The peer's own question (step 1) is unanswered, so the diff has to go out as a step 2.</summary>
    public bool Step2 { get; set; }

    /// <summary>How far the diff has been sent, once that has begun; null before, and while the parts are those that all newcomers get.</summary>
    public DiffCursor? Cursor { get; set; }

    /// <summary>The parts that all newcomers get, and how many of them this one has got.</summary>
    public FirstSync.PartRow? Row { get; set; }

    public int RowParts { get; set; }

    /// <summary>Those it was shown when its queue overflowed.</summary>
    public required IReadOnlyCollection<AwarenessState> ShownAtFirst { get; init; }

    /// <summary>Takes note of a y-websocket frame that the peer will not get.</summary>
    public void Add(ReadOnlySpan<byte> frame, List<ClockRange> scratch)
    {
        YWebSocketFrame message = YWebSocketFrame.Read(frame);
        switch (message.Kind)
        {
            case FrameKind.SyncStep1:
                _step1s++;
                break;
            case FrameKind.SyncStep2 or FrameKind.Update:
                Step2 |= message.Kind == FrameKind.SyncStep2;
                if (Cursor is not null || Row is not null)
                    break; // the cursor passes over it in the store
                scratch.Clear();
                UpdateInfo.ReadRanges(message.Payload, scratch, []);
                foreach (ClockRange range in scratch)
                    Known.Lower(range.Client, range.Start);
                break;
            case FrameKind.Awareness:
                _shown ??= [.. ShownAtFirst.Select(state => state.ClientId)];
                AwarenessTable.ReadClients(message.Payload, _shown);
                break;
        }
    }

    /// <summary>How many questions of ours (step 1) never reached the peer. Each is asked again, for answers are counted.</summary>
    public int TakeStep1s()
    {
        int step1s = _step1s;
        _step1s = 0;
        return step1s;
    }

    /// <summary>Clients that the peer may show although it never heard that they left; null when no presence was lost.</summary>
    public HashSet<ulong>? TakeShown()
    {
        HashSet<ulong>? shown = _shown;
        _shown = null;
        return shown;
    }

    /// <summary>The peer asked for what it lacks and told what it has: the diff begins anew.</summary>
    public void Ask(StateVector theirs)
    {
        Step2 = true;
        if (Cursor is not null || Row is not null)
        {
            Row = null;
            Cursor = new DiffCursor(theirs);
            return;
        }

        foreach ((ulong client, _) in Known.Clone())
            Known.Lower(client, theirs[client]);
    }
}
