namespace CoEdit.Load;

/// <summary>Cursors of a crowd: presence only, nothing is typed.</summary>
internal sealed class AwarenessStorm : Paced
{
    public override string Name => "awareness";

    public override string Describe(Sizes sizes) =>
        $"one room × {sizes.AwarenessPeers} peers, each moves its cursor {sizes.AwarenessRatePerPeer} times/s";

    protected override (int Rooms, int Peers, int Rate) Load(Sizes sizes) =>
        (1, sizes.AwarenessPeers, sizes.AwarenessPeers * sizes.AwarenessRatePerPeer);

    protected override void Act(Peer peer) => peer.MoveCursor();

    // There is no document; that every peer has the newest state of every other was waited for.
    protected override void Verify(Session session)
    {
    }
}
