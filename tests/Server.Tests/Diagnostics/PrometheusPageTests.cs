using System.Diagnostics.Metrics;

namespace CoEdit.Server.Tests;

public sealed class PrometheusPageTests : IDisposable
{
    private readonly CoEditMetrics _metrics = new();
    private readonly PrometheusPage _page;

    public PrometheusPageTests() => _page = new PrometheusPage(_metrics);

    public void Dispose()
    {
        _page.Dispose();
        _metrics.Dispose();
    }

    [Theory]
    [InlineData("coedit.updates.applied", "{update}", true, "coedit_updates_applied_total")]
    [InlineData("coedit.commit.duration", "s", false, "coedit_commit_duration_seconds")]
    [InlineData("coedit.bytes.sent", "By", true, "coedit_bytes_sent_total")]
    [InlineData("coedit.rooms.size", "By", false, "coedit_rooms_size_bytes")]
    [InlineData("process.cpu", "s", true, "process_cpu_seconds_total")]
    [InlineData("9-lives", null, false, "_9_lives")]
    [InlineData("dotnet.gc.heap.total", "By", true, "dotnet_gc_heap_total_bytes_total")]
    public void Names_follow_the_rules_of_OpenTelemetry_for_Prometheus(string name, string? unit, bool counter, string expected) =>
        Assert.Equal(expected, PrometheusFamily.NameOf(name, unit, counter));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0005, "0.0005")]
    [InlineData(1e21, "1E+21")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    public void Numbers_are_written_as_Go_reads_them(double value, string expected) => Assert.Equal(expected, PrometheusFamily.Number(value));

    [Fact]
    public void Counters_add_up_per_set_of_labels_whatever_the_order_of_the_tags()
    {
        Counter<int> counter = _metrics.Meter.CreateCounter<int>("test.counter", "{thing}", "Things.");
        counter.Add(2, new("b", 1), new("a", "x"));
        counter.Add(3, new("a", "x"), new("b", 1));
        counter.Add(1, new("a", "y"), new("b", 1));

        string page = _page.Write();

        Assert.Contains("# HELP test_counter_total Things.\n# TYPE test_counter_total counter\n", page, StringComparison.Ordinal);
        Assert.Contains("test_counter_total{a=\"x\",b=\"1\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("test_counter_total{a=\"y\",b=\"1\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_and_help_texts_are_escaped()
    {
        _metrics.Meter.CreateCounter<long>("test.escaped", null, "One \\ line\nor \"two\".").Add(1, new KeyValuePair<string, object?>("a.b", "q\"\\\n"));

        string page = _page.Write();

        Assert.Contains("# HELP test_escaped_total One \\\\ line\\nor \"two\".\n", page, StringComparison.Ordinal);
        Assert.Contains("test_escaped_total{a_b=\"q\\\"\\\\\\n\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Buckets_of_histograms_are_cumulative_and_end_in_infinity()
    {
        Histogram<double> histogram = _metrics.Meter.CreateHistogram("test.time", "s", "Time.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(7);

        Assert.Contains("""
            # HELP test_time_seconds Time.
            # TYPE test_time_seconds histogram
            test_time_seconds_bucket{le="0.1"} 1
            test_time_seconds_bucket{le="1"} 2
            test_time_seconds_bucket{le="+Inf"} 3
            test_time_seconds_sum 7.6
            test_time_seconds_count 3

            """, _page.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_observed_is_looked_up_anew_for_every_page()
    {
        long level = 4;
        bool speaks = true;
        _metrics.Meter.CreateObservableUpDownCounter("test.level", () => speaks ? [new Measurement<long>(level)] : Array.Empty<Measurement<long>>());

        Assert.Contains("# TYPE test_level gauge\ntest_level 4\n", _page.Write(), StringComparison.Ordinal);
        level = 2;
        Assert.Contains("test_level 2\n", _page.Write(), StringComparison.Ordinal);
        speaks = false;
        Assert.DoesNotContain("test_level", _page.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_careless_tag_makes_the_page_no_longer_than_a_bound()
    {
        Counter<int> counter = _metrics.Meter.CreateCounter<int>("test.careless");
        for (int i = 0; i < 2_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("id", i));

        string page = _page.Write();

        Assert.Equal(501, page.Split('\n').Count(line => line.StartsWith("test_careless_total{", StringComparison.Ordinal)));
        Assert.Contains("test_careless_total{otel_metric_overflow=\"true\"} 1500\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_tells_of_the_process_and_the_runtime_and_of_no_other_server()
    {
        using var other = new CoEditMetrics();
        other.AddFork();

        string page = _page.Write();

        Assert.Contains("\nprocess_cpu_seconds_total ", page, StringComparison.Ordinal);
        Assert.Contains("\nprocess_resident_memory_bytes ", page, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_thread_pool_queue_length", page, StringComparison.Ordinal);
        Assert.Contains("\ncoedit_forks_total 0\n", page, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
            Assert.Contains("\nprocess_open_fds ", page, StringComparison.Ordinal);
    }
}
