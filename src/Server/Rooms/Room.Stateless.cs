namespace CoEdit.Server;

/// <content>What the application has to say to the peers of a room.</content>
internal sealed partial class Room
{
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
