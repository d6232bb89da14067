namespace CoEdit.Server;

/// <content>What a room is told besides frames: other rights of a peer, and what the application has to say.</content>
internal sealed partial class Room
{
    private void OnRights(Peer peer, DocumentRights rights)
    {
        if (peer.Awareness is null)
            return; // left meanwhile
        peer.Rights = rights;
        peer.TellRights(_now);
    }

    private void OnStateless(StatelessDelivery delivery)
    {
        int reached = 0;
        foreach (Peer peer in _peers)
        {
            if (!peer.TakesStateless || !delivery.IsFor(peer))
                continue;
            Deliver(peer, delivery.Frame);
            reached++;
        }

        delivery.Reached.TrySetResult(reached);
    }
}
