using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CoEdit.Server;

/// <summary>One instrument as Prometheus sees it: a name, a type, and a series per set of labels.</summary>
/// <remarks>
/// Names follow OpenTelemetry's rules for Prometheus: dots become underscores, the unit is appended, counters end in <c>_total</c>.
/// Thread-safe.
/// </remarks>
internal sealed class PrometheusFamily
{
    /// <summary>Sets of labels that are told apart; all others share one series, so that a careless tag costs little.</summary>
    private const int MaxSeries = 500;
    private const string Overflow = "otel_metric_overflow=\"true\"";

    /// <summary>OpenTelemetry's boundaries, for histograms that come with no advice.</summary>
    private static readonly double[] DefaultBoundaries = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly string _help;
    private readonly string _type;
    private readonly bool _isObserved;
    private readonly bool _adds;
    private readonly double[]? _boundaries;

    public PrometheusFamily(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        bool isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _isObserved = instrument.IsObservable;
        _adds = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        if (kind == typeof(Histogram<>))
            _boundaries = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBoundaries;
        _type = isCounter ? "counter" : _boundaries is not null ? "histogram" : "gauge";
        _help = Escape(instrument.Description ?? "", quotes: false);
        Name = NameOf(instrument.Name, instrument.Unit, isCounter);
    }

    public string Name { get; }

    /// <summary>Observed instruments say everything anew each time; what they no longer say is gone.</summary>
    public void ForgetObserved()
    {
        if (!_isObserved)
            return;
        lock (_gate)
            _series.Clear();
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = LabelsOf(tags);
        lock (_gate)
        {
            if (!_series.TryGetValue(labels, out Series? series))
            {
                if (_series.Count >= MaxSeries && !_series.TryGetValue(labels = Overflow, out series))
                    _series.Add(labels, series = new Series(_boundaries));
                else if (series is null)
                    _series.Add(labels, series = new Series(_boundaries));
            }

            series.Record(value, _adds || labels == Overflow);
        }
    }

    public void WriteTo(StringBuilder page)
    {
        lock (_gate)
        {
            if (_series.Count == 0)
                return;
            if (_help.Length > 0)
                page.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
            page.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
            foreach ((string labels, Series series) in _series)
            {
                if (_boundaries is null)
                    Line(page, "", labels, "", series.Value);
                else
                    WriteHistogram(page, labels, series);
            }
        }
    }

    internal static string NameOf(string name, string? unit, bool isCounter)
    {
        var result = new StringBuilder(Sanitize(name));
        string suffix = unit switch
        {
            null or "" or "1" => "",
            "s" => "seconds",
            "By" => "bytes",
            _ when unit[0] == '{' => "",
            _ => Sanitize(unit),
        };
        if (suffix.Length > 0 && !result.ToString().Split('_').Contains(suffix))
            result.Append('_').Append(suffix);
        string full = result.ToString();
        return isCounter && !full.EndsWith("_total", StringComparison.Ordinal) ? full + "_total" : full;
    }

    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var labels = new List<string>(tags.Length);
        foreach ((string key, object? value) in tags)
            labels.Add($"{Sanitize(key)}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true)}\"");
        labels.Sort(StringComparer.Ordinal); // the order of tags means nothing
        return string.Join(',', labels);
    }

    private static string Sanitize(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (char letter in name)
            result.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        if (result.Length == 0 || char.IsAsciiDigit(result[0]))
            result.Insert(0, '_');
        return result.ToString();
    }

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private void WriteHistogram(StringBuilder page, string labels, Series series)
    {
        long below = 0;
        for (int i = 0; i <= _boundaries!.Length; i++)
        {
            below += series.Buckets[i];
            Line(page, "_bucket", labels, $"le=\"{Number(i < _boundaries.Length ? _boundaries[i] : double.PositiveInfinity)}\"", below);
        }

        Line(page, "_sum", labels, "", series.Value);
        Line(page, "_count", labels, "", below);
    }

    private void Line(StringBuilder page, string suffix, string labels, string extra, double value)
    {
        page.Append(Name).Append(suffix);
        if (labels.Length + extra.Length > 0)
            page.Append('{').Append(labels).Append(labels.Length > 0 && extra.Length > 0 ? "," : "").Append(extra).Append('}');
        page.Append(' ').Append(Number(value)).Append('\n');
    }

    private sealed class Series(double[]? boundaries)
    {
        /// <summary>The value; of a histogram, the sum.</summary>
        public double Value { get; private set; }

        /// <summary>How many values fell under each boundary and above the one before; the last has none.</summary>
        public long[] Buckets { get; } = boundaries is null ? [] : new long[boundaries.Length + 1];

        public void Record(double value, bool adds)
        {
            if (boundaries is null)
            {
                Value = adds ? Value + value : value;
                return;
            }

            Value += value;
            int bucket = 0;
            while (bucket < boundaries.Length && value > boundaries[bucket])
                bucket++;
            Buckets[bucket]++;
        }
    }
}
