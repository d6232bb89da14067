namespace CoEdit.Server;

/// <summary>Which peer an operator wants out, and the close code. <see cref="Done"/> tells whether it was there.</summary>
internal sealed record KickOrder(long Peer, int Code)
{
    public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <content>What operators see and do.</content>
internal sealed partial class Room
{
    private const string KickReason = "An operator closed this connection.";

    // Written by the loop, read by whoever collects metrics.
    private long _pendingStructs;
    private long _pendingBytes;
    private long _storedBytes;

    // Since the last burst of the loop.
    private int _updatesReceived;
    private int _updatesApplied;

    /// <summary>Structs that wait for updates they depend on. Any thread.</summary>
    public int PendingStructs => (int)Volatile.Read(ref _pendingStructs);

    /// <summary>Their bytes. Any thread.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>Bytes of the document in memory, about once a second. Any thread.</summary>
    public long StoredBytes => Volatile.Read(ref _storedBytes);

    private void PublishSizes()
    {
        Volatile.Write(ref _pendingStructs, _store.PendingStructs);
        Volatile.Write(ref _pendingBytes, _store.PendingBytes);
        Volatile.Write(ref _storedBytes, _store.StoredBytes);
    }

    private void PublishCounts()
    {
        if (_updatesReceived == 0)
            return;
        _context.Metrics.AddUpdates(_updatesReceived, _updatesApplied);
        _updatesReceived = 0;
        _updatesApplied = 0;
    }

    private void OnListPeers(TaskCompletionSource<IReadOnlyList<PeerInfo>> reply)
    {
        var peers = new List<PeerInfo>(_peers.Count);
        foreach (Peer peer in _peers)
        {
            TrafficTotals traffic = peer.Outbox.Traffic.Totals;
            peers.Add(new PeerInfo(
                peer.Id, peer.Principal, peer.Protocol, peer.Rights == DocumentRights.Write ? "write" : "read", peer.Since,
                traffic.BytesReceived, traffic.BytesSent, peer.Debt is not null));
        }

        reply.TrySetResult(peers);
    }

    private void OnKick(KickOrder order)
    {
        if (_peers.Find(peer => peer.Id == order.Peer) is { } peer)
        {
            peer.Close(order.Code, KickReason);
            OnLeave(peer);
            order.Done.TrySetResult(true);
        }
        else
        {
            order.Done.TrySetResult(false);
        }
    }
}
