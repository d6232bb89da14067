using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CoEdit.Server;

/// <summary>
/// Sends metrics and traces to an OpenTelemetry collector, when one is configured: <c>CoEdit:Telemetry:OtlpEndpoint</c>, or the usual
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>. The SDK's other variables (headers, intervals, sampling, service name) count as well.
/// </summary>
internal sealed partial class OtlpExport(IOptions<CoEditOptions> options, IConfiguration configuration, ILogger<OtlpExport> logger) : IHostedService, IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>ASP.NET Core's own activities: without them ours would hang on parents that are not recorded, and be dropped with them.</summary>
    private const string RequestActivities = "Microsoft.AspNetCore";

    /// <summary>How long the end of the server may wait for a collector to take what is left.</summary>
    private const int FlushMs = 1_000;

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        string? endpoint = options.Value.Telemetry.OtlpEndpoint ?? configuration[EndpointVariable];
        if (string.IsNullOrWhiteSpace(endpoint))
            return Task.CompletedTask;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address))
            throw new StartRefusedException($"{EndpointVariable} is \"{endpoint}\", which is not an address such as http://localhost:4318.");
        bool grpc = string.Equals(configuration[ProtocolVariable], "grpc", StringComparison.OrdinalIgnoreCase);
        ResourceBuilder resource = ResourceBuilder.CreateEmpty()
            .AddService("coedit", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3))
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(CoEditMetrics.MeterName, "System.Runtime")
            .AddOtlpExporter(exporter => Configure(exporter, "v1/metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(CoEditActivities.SourceName, RequestActivities)
            .AddOtlpExporter(exporter => Configure(exporter, "v1/traces"))
            .Build();
        LogExporting(address.GetLeftPart(UriPartial.Authority));
        return Task.CompletedTask;

        void Configure(OtlpExporterOptions exporter, string path)
        {
            exporter.Protocol = grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = grpc ? address : new Uri(address.AbsoluteUri.TrimEnd('/') + "/" + path);
        }
    }

    /// <summary>Sends what is left, for a second at most.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => _metrics?.Shutdown(FlushMs), CancellationToken.None),
        Task.Run(() => _traces?.Shutdown(FlushMs), CancellationToken.None));

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
    }

    [LoggerMessage(EventIds.Exporting, LogLevel.Information, "Metrics and traces are sent to {Address}.")]
    private partial void LogExporting(LogText address);
}
