using System.Diagnostics.Metrics;
using System.Text;

namespace CoEdit.Server;

/// <summary>All metrics of this server as a page for Prometheus (text format 0.0.4): the meter <c>CoEdit</c>, the runtime's and the process's.</summary>
/// <remarks>Listens from its creation on, for histograms have to be collected as they come. Thread-safe; one page is written at a time.</remarks>
internal sealed class PrometheusPage : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string RuntimeMeter = "System.Runtime";

    private readonly MeterListener _listener = new();
    private readonly ProcessMeter _process = new();
    private readonly Lock _writing = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, PrometheusFamily> _families = new(StringComparer.Ordinal);

    public PrometheusPage(CoEditMetrics metrics)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter != metrics.Meter && instrument.Meter != _process.Meter && instrument.Meter.Name != RuntimeMeter)
                return;
            var family = new PrometheusFamily(instrument);
            lock (_gate)
            {
                if (!_families.TryAdd(family.Name, family))
                    return;
            }

            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    /// <summary>The page as of now.</summary>
    public string Write()
    {
        lock (_writing)
        {
            PrometheusFamily[] families;
            lock (_gate)
                families = [.. _families.Values];
            foreach (PrometheusFamily family in families)
                family.ForgetObserved();
            _listener.RecordObservableInstruments();
            var page = new StringBuilder(16 * 1024);
            foreach (PrometheusFamily family in families)
                family.WriteTo(page);
            return page.ToString();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _process.Dispose();
    }

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((PrometheusFamily)family!).Record(value, tags);
}
