using System.Diagnostics;

namespace CoEdit.Load;

/// <summary>Open loop: the peers act in turn at a fixed rate, whatever the server does.</summary>
internal abstract class Paced : Scenario
{
    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("p50Ms", "p50 ms"),
        new("p99Ms", "p99 ms"),
        new("serverCpuPercent", "server CPU %"),
        new("deliveriesPerSecond", "deliveries/s", IsCompared: false),
        new("framesPerSecond", "frames/s", IsCompared: false),
        new("supersededPerSecond", "superseded/s", IsCompared: false),
        new("latestTurnMs", "latest action ms", IsCompared: false),
    ];

    protected abstract (int Rooms, int Peers, int Rate) Load(Sizes sizes);

    protected virtual void Act(Peer peer) => peer.Type();

    public override IReadOnlyDictionary<string, double> Run(ServerProcess server, Sizes sizes)
    {
        (int rooms, int peers, int rate) = Load(sizes);
        using var session = new Session(server);
        session.Open(rooms, peers);
        Pace(session, rate, sizes.WarmUp);
        var meter = new Meter(server, session.Tally);
        meter.Start();
        long latest = Pace(session, rate, sizes.Measured);
        Dictionary<string, double> metrics = meter.Stop();
        metrics["latestTurnMs"] = latest * 1000.0 / Stopwatch.Frequency;
        session.Drain();
        Verify(session);
        return metrics;
    }

    protected virtual void Verify(Session session) => session.VerifyDocuments();

    /// <summary>Acts at the given rate and returns by how much the latest action was behind its time.</summary>
    private long Pace(Session session, int rate, TimeSpan time)
    {
        long start = EventLoop.Now;
        long end = start + EventLoop.Ticks(time);
        double interval = (double)Stopwatch.Frequency / rate;
        long latest = 0;
        for (long turn = 0; ;)
        {
            long now = EventLoop.Now;
            if (now >= end)
                return latest;
            long due = start + (long)(turn * interval);
            if (now >= due)
            {
                latest = Math.Max(latest, now - due);
                Act(session.Peers[(int)(turn++ % session.Peers.Count)]);
            }

            // The generator has a core of its own: looking without sleeping keeps its latency out of the measured one.
            session.Loop.Turn(timeoutMs: 0);
        }
    }
}
