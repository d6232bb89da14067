namespace CoEdit.Load;

/// <summary>One crowded room.</summary>
internal sealed class FanOut : Paced
{
    public override string Name => "fan-out";

    public override string Describe(Sizes sizes) => $"one room × {sizes.CrowdPeers} peers, {sizes.CrowdRate} updates/s in all";

    protected override (int Rooms, int Peers, int Rate) Load(Sizes sizes) => (1, sizes.CrowdPeers, sizes.CrowdRate);
}
