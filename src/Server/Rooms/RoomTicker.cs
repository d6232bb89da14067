namespace CoEdit.Server;

/// <summary>The server's clock: once a second every room and every connection looks at the time.</summary>
internal sealed class RoomTicker(RoomRegistry registry, ConnectionTable connections, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (Room room in registry.Rooms)
                    room.TryPost(new RoomMessage(RoomMessageKind.Tick));
                connections.CheckProgress();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; rooms are closed by the registry.
        }
    }
}
