namespace CoEdit.Load;

/// <summary>The measured part of a run: everything that is counted between <see cref="Start"/> and <see cref="Stop"/>.</summary>
internal sealed class Meter(ServerProcess server, Tally tally)
{
    private long _startedAt;
    private TimeSpan _serverTime;
    private TimeSpan _ownTime;
    private long _sent;
    private long _delivered;
    private long _superseded;
    private long _frames;

    public void Start()
    {
        _serverTime = server.ProcessorTime ?? TimeSpan.Zero;
        _ownTime = Environment.CpuUsage.TotalTime;
        (_sent, _delivered, _superseded, _frames) = (tally.Sent, tally.Delivered, tally.Superseded, tally.Frames);
        tally.Measuring = true;
        _startedAt = EventLoop.Now;
    }

    public Dictionary<string, double> Stop()
    {
        long delivered = tally.Delivered - _delivered;
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        tally.Measuring = false;
        TimeSpan? serverTime = server.ProcessorTime - _serverTime;
        return new Dictionary<string, double>
        {
            ["updatesPerSecond"] = (tally.Sent - _sent) / seconds,
            ["deliveriesPerSecond"] = delivered / seconds,
            ["deliveriesPerCpuSecond"] = serverTime is { } spent ? delivered / spent.TotalSeconds : double.NaN,
            ["supersededPerSecond"] = (tally.Superseded - _superseded) / seconds,
            ["framesPerSecond"] = (tally.Frames - _frames) / seconds,
            ["p50Ms"] = tally.Latency.Percentile(0.5),
            ["p99Ms"] = tally.Latency.Percentile(0.99),
            ["serverCpuPercent"] = serverTime is { } used ? used.TotalSeconds / seconds * 100 : double.NaN,
            ["generatorCpuPercent"] = (Environment.CpuUsage.TotalTime - _ownTime).TotalSeconds / seconds * 100,
        };
    }
}
