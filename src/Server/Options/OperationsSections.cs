namespace CoEdit.Server;

/// <summary>Section <c>CoEdit:Health</c>.</summary>
public sealed class HealthSection
{
    /// <summary>Age of the oldest update without a commit above which the server calls itself degraded.</summary>
    public TimeSpan MaxUncommittedAge { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Section <c>CoEdit:Telemetry</c>.</summary>
public sealed class TelemetrySection
{
    /// <summary>
    /// Address of an OpenTelemetry collector, such as <c>http://localhost:4318</c>; null: that of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, if set.
    /// </summary>
    public string? OtlpEndpoint { get; set; }
}
