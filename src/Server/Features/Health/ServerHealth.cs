using CoEdit.Persistence;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>How the server is: what <c>/healthz/ready</c> and the health check <c>coedit</c> say.</summary>
internal sealed class ServerHealth(IUpdateLog log, RoomRegistry rooms, IHostApplicationLifetime lifetime, IOptions<CoEditOptions> options) : IHealthCheck
{
    /// <summary>Name of the health check.</summary>
    public const string CheckName = "coedit";

    public HealthReport Look()
    {
        StorageStatus storage = log.Status;
        IReadOnlyDictionary<string, string> failed = rooms.FailedDocuments;
        bool isSlow = storage.OldestUncommitted > options.Value.Health.MaxUncommittedAge;
        (string status, string? error) = 0 switch
        {
            _ when rooms.IsStopping || lifetime.ApplicationStopping.IsCancellationRequested => (HealthReport.Stopping, "The server is stopping."),
            _ when !storage.Writable => (HealthReport.Unavailable, storage.Error),
            _ when !log.IsAccepting => (HealthReport.Unavailable, "Storage is not keeping up; updates are refused."),
            _ when isSlow => (HealthReport.Degraded, "The oldest update has waited for its commit for too long."),
            _ when failed.Count > 0 => (HealthReport.Degraded, "Some documents cannot be loaded."),
            _ => (HealthReport.Ok, (string?)null),
        };
        return new HealthReport(status, error, storage.QueuedUpdates, storage.OldestUncommitted?.TotalMilliseconds, failed);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthReport report = Look();
        return Task.FromResult(report.Status switch
        {
            HealthReport.Ok => HealthCheckResult.Healthy(),
            HealthReport.Degraded => HealthCheckResult.Degraded(report.Error),
            _ => HealthCheckResult.Unhealthy(report.Error),
        });
    }
}
