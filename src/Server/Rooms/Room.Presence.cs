using CoEdit.Protocol;

namespace CoEdit.Server;

/// <content>Presence: who may be seen, who is told, and what becomes of it when a peer lags.</content>
internal sealed partial class Room
{
    /// <summary>Frames waiting for a peer from which on its presence is put off until it has caught up.</summary>
    private const int PresenceBacklog = 256;

    private void OnAwareness(Peer peer, ReadOnlySpan<byte> update)
    {
        if (peer.Rights < DocumentRights.Write && !_context.Options.Awareness.ReadersAreSeen)
            return;
        AwarenessEffects effects = _awareness.Apply(peer.Awareness!, update, _now);
        if (effects.Relay is { } relay)
            BroadcastPresence(relay); // the sender too: its own echo keeps a stock client from reconnecting
        if (effects.NudgeSender is { } nudge)
            Deliver(peer, SyncProtocol.Awareness(nudge));
        if (effects.NudgeOthers)
            Nudge(except: peer);
    }

    /// <summary>Makes every client announce itself anew, for somebody who came back and would not believe the old announcements.</summary>
    private void Nudge(Peer? except)
    {
        foreach (Peer peer in _peers)
        {
            if (peer != except && _awareness.EncodeHomeRemoval(peer.Awareness!) is { } removal)
                Deliver(peer, SyncProtocol.Awareness(removal));
        }
    }

    private void BroadcastPresence(byte[] update)
    {
        byte[] frame = SyncProtocol.Awareness(update);
        foreach (Peer peer in _peers)
            DeliverPresence(peer, frame);
    }

    /// <summary>Tells a peer of the presence of others: each change, or, once it lags, the last state of each when it has caught up.</summary>
    private void DeliverPresence(Peer peer, byte[] frame)
    {
        if (peer.Debt is not null)
        {
            Deliver(peer, frame);
            return;
        }

        if (peer.LatePresence is null)
        {
            if (peer.Outbox.TryEnqueue(WireFrame(peer, frame), peer, _now, PresenceBacklog))
                return;
            peer.LatePresence = [];
            peer.Outbox.ReportDrained(peer);
        }

        AwarenessTable.ReadClients(YWebSocketFrame.Read(frame).Payload, peer.LatePresence);
    }

    private void CatchUpOnPresence(Peer peer)
    {
        if (peer.LatePresence is not { } late)
            return;
        peer.LatePresence = null;
        if (_awareness.EncodeAll(late) is { } current)
            Deliver(peer, SyncProtocol.Awareness(current));
    }
}
