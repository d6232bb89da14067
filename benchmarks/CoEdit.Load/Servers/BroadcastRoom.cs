namespace CoEdit.Load;

/// <summary>The peers of one room of the <see cref="BroadcastServer"/>.</summary>
internal sealed class BroadcastRoom
{
    private readonly Lock _gate = new();
    private readonly List<BroadcastPeer> _peers = [];

    public void Join(BroadcastPeer peer)
    {
        lock (_gate)
            _peers.Add(peer);
    }

    public void Leave(BroadcastPeer peer)
    {
        lock (_gate)
            _peers.Remove(peer);
    }

    public void Broadcast(byte[] message, BroadcastPeer sender)
    {
        lock (_gate)
        {
            foreach (BroadcastPeer peer in _peers)
            {
                if (peer != sender)
                    peer.Enqueue(message);
            }
        }
    }
}
