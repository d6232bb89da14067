using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CoEdit.Server.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task The_report_says_what_is_wrong_the_worst_first()
    {
        await using var harness = new RoomHarness();
        using var lifetime = new FakeLifetime();
        var health = new ServerHealth(harness.Log, harness.Registry, lifetime, Microsoft.Extensions.Options.Options.Create(harness.Options));

        Assert.Equal(("ok", null), Look());

        harness.Registry.LoadFailed("doc", "broken");
        Assert.Equal("degraded", Look().Status);
        Assert.Equal("broken", health.Look().FailedDocuments["doc"]);

        harness.Log.OldestUncommitted = TimeSpan.FromSeconds(5);
        Assert.Contains("loaded", Look().Error, StringComparison.Ordinal);
        harness.Log.OldestUncommitted = TimeSpan.FromSeconds(6);
        Assert.Equal("degraded", Look().Status);
        Assert.Contains("waited", Look().Error, StringComparison.Ordinal);
        Assert.Equal(6_000, health.Look().OldestUncommittedMs);

        harness.Log.IsAccepting = false;
        Assert.Equal("unavailable", Look().Status);
        harness.Log.Error = "The disk is full.";
        Assert.Equal(("unavailable", "The disk is full."), Look());

        lifetime.StopApplication();
        Assert.Equal("stopping", Look().Status);

        (string Status, string? Error) Look() => (health.Look().Status, health.Look().Error);
    }

    [Fact]
    public async Task The_framework_knows_the_check()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HealthCheckService checks = server.Services.GetRequiredService<HealthCheckService>();

        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync()).Entries[ServerHealth.CheckName].Status);
        server.Services.GetRequiredService<RoomRegistry>().LoadFailed("doc", "broken");
        Assert.Equal(HealthStatus.Degraded, (await checks.CheckHealthAsync()).Entries[ServerHealth.CheckName].Status);
    }

    [Fact]
    public async Task A_server_that_stops_is_not_ready_from_the_first_moment()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using HttpResponseMessage ready = await server.Http.GetAsync(new Uri("/healthz/ready", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("stopping", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private sealed class FakeLifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
