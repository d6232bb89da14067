using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CoEdit.Server;

/// <summary>What Prometheus dashboards expect to know of every process, under the names that they expect.</summary>
internal sealed class ProcessMeter : IDisposable
{
    private const string DescriptorFolder = "/proc/self/fd";

    public ProcessMeter()
    {
        using var self = Process.GetCurrentProcess();
        double started = new DateTimeOffset(self.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        Meter.CreateObservableCounter("process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Time that processors spent on this process.");
        Meter.CreateObservableGauge("process.resident_memory", static () => Environment.WorkingSet, "By", "Physical memory of this process.");
        Meter.CreateObservableGauge("process.start_time", () => started, "s", "When this process started, in seconds since 1970.");
        if (!Directory.Exists(DescriptorFolder))
            return; // not Linux
        Meter.CreateObservableGauge("process.open_fds", static () => Directory.EnumerateFileSystemEntries(DescriptorFolder).Count(), null,
            "Open file descriptors, sockets included.");
        if (OpenFileLimit.Read() is { } limit)
            Meter.CreateObservableGauge("process.max_fds", () => limit, null, "File descriptors that this process may open.");
    }

    public Meter Meter { get; } = new("CoEdit.Process");

    public void Dispose() => Meter.Dispose();
}
