using System.Collections.Concurrent;
using System.Text;
using CoEdit.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoEdit.Server.Tests;

public sealed class OtlpExportTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_collector_gets_metrics_and_traces_and_what_is_left_when_the_server_stops(bool byVariable)
    {
        await using var collector = await Collector.StartAsync();
        await using (RunningServer server = await RunningServer.StartAsync(
            options => options.Telemetry.OtlpEndpoint = byVariable ? null : collector.Address,
            builder => builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = byVariable ? collector.Address : null))
        {
            await using TestSocket socket = await server.ConnectAsync("traced%20document");
            await socket.ReceiveAsync(FrameKind.SyncStep1);
            using HttpResponseMessage list = await server.Http.GetAsync(new Uri("/api/v1/rooms", UriKind.Relative));
            list.EnsureSuccessStatusCode();
            await server.StopAsync();
        }

        string metrics = collector.Received("/v1/metrics");
        Assert.Contains("coedit.deliveries", metrics, StringComparison.Ordinal);
        Assert.Contains("dotnet.gc", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("traced document", metrics, StringComparison.Ordinal);
        string traces = collector.Received("/v1/traces");
        foreach (string expected in (string[])["coedit.join", "coedit.load", "coedit.ListRooms", "traced document", "service.name"])
            Assert.Contains(expected, traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_collector_nothing_is_exported()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, builder => builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "");

        using HttpResponseMessage live = await server.Http.GetAsync(new Uri("/healthz/live", UriKind.Relative));

        live.EnsureSuccessStatusCode();
    }

    /// <summary>An OpenTelemetry collector as far as exporters can tell.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _requests = new();
        private WebApplication _app = null!;

        public string Address => _app.Urls.First();

        public static async Task<Collector> StartAsync()
        {
            var collector = new Collector();
            WebApplicationBuilder builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            collector._app = builder.Build();
            collector._app.Run(collector.TakeAsync);
            await collector._app.StartAsync();
            return collector;
        }

        /// <summary>Everything that was sent to a path; names and texts in it are readable.</summary>
        public string Received(string path) => string.Concat(_requests.Where(request => request.Path == path).Select(request => request.Body));

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Assert.Equal("application/x-protobuf", context.Request.ContentType);
            _requests.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        }
    }
}
