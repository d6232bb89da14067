using System.Diagnostics;

namespace CoEdit.Load;

/// <summary>Connections that say nothing after their greeting: how fast they come, what each costs in memory.</summary>
internal sealed class Idle : Scenario
{
    private const int WarmUpPeers = 5;

    public override string Name => "idle";

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("kilobytesPerConnection", "KB per connection"),
        new("connectsPerSecond", "connects/s"),
        new("connectsPerCpuSecond", "connects per second of server CPU"),
        new("serverCpuPercent", "server CPU % while idle", IsCompared: false),
    ];

    public override string Describe(Sizes sizes) => $"{sizes.IdleConnections} connections in {sizes.IdleRooms} rooms";

    public override IReadOnlyDictionary<string, double> Run(ServerProcess server, Sizes sizes)
    {
        int size = sizes.IdleConnections / sizes.IdleRooms;
        using (var warmUp = new Session(server))
        {
            warmUp.Open(sizes.IdleRooms / 10, WarmUpPeers);
            warmUp.Loop.RunFor(sizes.Settle);
        }

        using var session = new Session(server);
        session.Loop.RunFor(sizes.Settle);
        long? before = server.ResidentBytes;
        TimeSpan? timeBefore = server.ProcessorTime;
        long started = EventLoop.Now;
        session.Open(sizes.IdleRooms, size);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        TimeSpan? time = server.ProcessorTime - timeBefore;
        session.Loop.RunFor(sizes.Settle);
        var meter = new Meter(server, session.Tally);
        meter.Start();
        session.Loop.RunFor(sizes.Settle);
        double cpu = meter.Stop()["serverCpuPercent"];
        long? after = server.ResidentBytes;
        session.Drain(); // nothing was sent, so this only checks that everybody is still there
        int count = size * sizes.IdleRooms;
        return new Dictionary<string, double>
        {
            ["kilobytesPerConnection"] = (after - before) / 1024.0 / count ?? double.NaN,
            ["connectsPerSecond"] = count / seconds,
            ["connectsPerCpuSecond"] = count / time?.TotalSeconds ?? double.NaN,
            ["serverCpuPercent"] = cpu,
        };
    }
}
