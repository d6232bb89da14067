using System.Threading.Channels;
using MediatR;

namespace CoEdit.Server;

/// <summary>Tells the rest of the application what happened to rooms, off every room's loop.</summary>
/// <remarks>
/// Rooms only drop an event into a bounded channel; handlers run one event at a time in a scope of their own. When handlers
/// cannot keep up, events are dropped and counted in a log line: a handler must not be able to stop a room.
/// </remarks>
internal sealed partial class LifecyclePublisher(IServiceScopeFactory scopes, CoEditMetrics metrics, ILogger<LifecyclePublisher> logger) : BackgroundService
{
    private readonly Channel<INotification> _events = Channel.CreateBounded<INotification>(
        new BoundedChannelOptions(8_192) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _dropped;

    /// <summary>Queues an event. Never waits; any thread.</summary>
    public void Publish(INotification notification)
    {
        if (_events.Writer.TryWrite(notification))
            return;
        Interlocked.Increment(ref _dropped);
        metrics.AddLifecycleDrop();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (INotification notification in _events.Reader.ReadAllAsync(stoppingToken))
                await PublishOneAsync(notification, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is still queued is told before the process ends.
            while (_events.Reader.TryRead(out INotification? notification))
                await PublishOneAsync(notification, CancellationToken.None);
        }
    }

    private async Task PublishOneAsync(INotification notification, CancellationToken cancellationToken)
    {
        long dropped = Interlocked.Exchange(ref _dropped, 0);
        if (dropped > 0)
            LogDropped(dropped);
        try
        {
            await using AsyncServiceScope scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IMediator>().Publish(notification, cancellationToken);
        }
#pragma warning disable CA1031 // A handler's failure is that handler's; it is logged and the next event is told.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogHandlerFailed(exception, notification.GetType().Name);
        }
    }

    [LoggerMessage(EventIds.LifecycleDropped, LogLevel.Warning, "{Count} lifecycle events were dropped because their handlers are too slow.")]
    private partial void LogDropped(long count);

    [LoggerMessage(EventIds.LifecycleHandlerFailed, LogLevel.Error, "A handler of {Event} failed.")]
    private partial void LogHandlerFailed(Exception exception, string @event);
}
