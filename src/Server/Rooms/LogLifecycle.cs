using MediatR;

namespace CoEdit.Server;

/// <summary>Writes the life of rooms into the log.</summary>
internal sealed partial class LogLifecycle(ILogger<LogLifecycle> logger) :
    INotificationHandler<RoomOpened>, INotificationHandler<RoomClosed>, INotificationHandler<PeerJoined>,
    INotificationHandler<PeerLeft>, INotificationHandler<Folded>, INotificationHandler<DocumentDeleted>
{
    public Task Handle(RoomOpened notification, CancellationToken cancellationToken)
    {
        LogOpened(notification.Document, notification.Updates, notification.Bytes);
        return Task.CompletedTask;
    }

    public Task Handle(RoomClosed notification, CancellationToken cancellationToken)
    {
        LogClosed(notification.Document);
        return Task.CompletedTask;
    }

    public Task Handle(PeerJoined notification, CancellationToken cancellationToken)
    {
        LogJoined(notification.Document, notification.Peer);
        return Task.CompletedTask;
    }

    public Task Handle(PeerLeft notification, CancellationToken cancellationToken)
    {
        LogLeft(notification.Document, notification.Peer);
        return Task.CompletedTask;
    }

    public Task Handle(Folded notification, CancellationToken cancellationToken)
    {
        LogFolded(notification.Document, notification.ThroughSequence, notification.SnapshotBytes);
        return Task.CompletedTask;
    }

    public Task Handle(DocumentDeleted notification, CancellationToken cancellationToken)
    {
        LogDeleted(notification.Document);
        return Task.CompletedTask;
    }

    [LoggerMessage(EventIds.RoomOpened, LogLevel.Information, "Room {Document} opened: {Updates} stored updates, {Bytes} bytes.")]
    private partial void LogOpened(LogText document, int updates, long bytes);

    [LoggerMessage(EventIds.RoomClosed, LogLevel.Information, "Room {Document} closed.")]
    private partial void LogClosed(LogText document);

    [LoggerMessage(EventIds.PeerJoined, LogLevel.Debug, "Peer {Peer} joined {Document}.")]
    private partial void LogJoined(LogText document, long peer);

    [LoggerMessage(EventIds.PeerLeft, LogLevel.Debug, "Peer {Peer} left {Document}.")]
    private partial void LogLeft(LogText document, long peer);

    [LoggerMessage(EventIds.Folded, LogLevel.Information, "{Document} folded through {Sequence}: snapshot of {Bytes} bytes.")]
    private partial void LogFolded(LogText document, long sequence, long bytes);

    [LoggerMessage(EventIds.DocumentDeleted, LogLevel.Information, "{Document} deleted.")]
    private partial void LogDeleted(LogText document);
}
