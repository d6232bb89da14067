namespace CoEdit.Load;

/// <summary>As fast as it goes: every peer types its next letter when its neighbour has received an earlier one.</summary>
internal sealed class Saturation : Scenario
{
    public override string Name => "saturation";

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("deliveriesPerSecond", "deliveries/s"),
        new("deliveriesPerCpuSecond", "deliveries per second of server CPU"),
        new("updatesPerSecond", "updates/s", IsCompared: false),
        new("framesPerSecond", "frames/s", IsCompared: false),
        new("p50Ms", "p50 ms"),
        new("p99Ms", "p99 ms"),
        new("serverCpuPercent", "server CPU %", IsCompared: false),
        new("generatorCpuPercent", "generator CPU %", IsCompared: false),
    ];

    public override string Describe(Sizes sizes) =>
        $"{sizes.SaturationRooms} rooms × {sizes.SaturationPeers} peers, each with {sizes.Window} letters on their way";

    public override IReadOnlyDictionary<string, double> Run(ServerProcess server, Sizes sizes)
    {
        using var session = new Session(server);
        session.Open(sizes.SaturationRooms, sizes.SaturationPeers);
        session.Tally.ClosedLoop = true;
        foreach (Peer peer in session.Peers)
        {
            for (int i = 0; i < sizes.Window; i++)
                peer.Type();
        }

        session.Loop.RunFor(sizes.WarmUp);
        var meter = new Meter(server, session.Tally);
        meter.Start();
        session.Loop.RunFor(sizes.Measured);
        Dictionary<string, double> metrics = meter.Stop();
        session.Drain();
        session.VerifyDocuments();
        return metrics;
    }
}
