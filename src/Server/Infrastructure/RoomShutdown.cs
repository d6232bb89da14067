using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>Closes the rooms before the web server stops: commit, tell the peers, unload.</summary>
internal sealed class RoomShutdown(RoomRegistry registry, ConnectionTable connections) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service is stopped. Rooms that cannot commit within 8 s are abandoned; nothing in them was acknowledged.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await registry.ShutdownAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Out of time: the process ends with updates that no peer was told are safe.
        }
        finally
        {
            // A Hocuspocus socket belongs to no single room; it goes when all of its documents are on disk.
            connections.CloseAll(CloseCode.ServiceRestart, "The server is restarting.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
