using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>Ends rooms and sockets before the web server stops: commit, acknowledge, say goodbye with 1012.</summary>
/// <remarks>
/// Bounded, whatever disks and clients do: 4 s for the rooms to commit, 3 s for the sockets to take what is queued for them. Who asks for
/// a document meanwhile is closed with 1012 at once, and <c>/healthz/ready</c> says 503.
/// </remarks>
internal sealed partial class RoomShutdown(RoomRegistry registry, ConnectionTable connections, TimeProvider time, ILogger<RoomShutdown> logger)
    : IHostedLifecycleService
{
    private const string Reason = "The server is restarting.";

    private static readonly TimeSpan RoomPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan SocketPatience = TimeSpan.FromSeconds(3);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        LogStopping(registry.Rooms.Length, connections.Count);
        await EndRoomsAsync(cancellationToken);

        // A y-websocket socket was closed by its room. A Hocuspocus socket belongs to no single one: it goes when all are on disk.
        Task gone = connections.CloseAllAsync(CloseCode.ServiceRestart, Reason);
        using var patience = new CancellationTokenSource(SocketPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await gone.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            LogSocketsAborted(connections.Count);
            connections.AbortAll();
        }

        LogStopped(time.GetElapsedTime(started).TotalMilliseconds);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task EndRoomsAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(RoomPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await registry.ShutdownAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // The log still tries to commit what it holds; nobody was told that it is safe.
            LogRoomsAbandoned(registry.Rooms.Length);
        }
    }

    [LoggerMessage(EventIds.Stopping, LogLevel.Information, "Stopping: {Rooms} rooms commit, {Connections} connections are closed.")]
    private partial void LogStopping(int rooms, int connections);

    [LoggerMessage(EventIds.RoomsAbandoned, LogLevel.Error, "{Rooms} rooms could not commit in time; nothing in them was acknowledged.")]
    private partial void LogRoomsAbandoned(int rooms);

    [LoggerMessage(EventIds.SocketsAborted, LogLevel.Warning, "{Connections} connections did not end in time and are cut.")]
    private partial void LogSocketsAborted(int connections);

    [LoggerMessage(EventIds.Stopped, LogLevel.Information, "Rooms and connections are closed after {Milliseconds:F0} ms.")]
    private partial void LogStopped(double milliseconds);
}
