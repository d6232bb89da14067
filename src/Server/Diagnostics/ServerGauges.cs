using System.Diagnostics.Metrics;
using CoEdit.Persistence;

namespace CoEdit.Server;

/// <summary>Instruments that look at rooms, sockets and storage when somebody collects.</summary>
internal sealed class ServerGauges(
    CoEditMetrics metrics, RoomRegistry registry, ConnectionTable connections, IUpdateLog log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Meter meter = metrics.Meter;
        Level("coedit.rooms.open", "{room}", "Documents that are open in memory.", () => registry.Rooms.Length);
        Level("coedit.rooms.failed", "{room}", "Documents whose last load failed.", () => registry.FailedDocuments.Count);
        Level("coedit.rooms.size", "By", "Bytes of the open documents.", () => Sum(static room => room.StoredBytes));
        Level("coedit.peers", "{peer}", "Clients in open documents.", () => Sum(static room => room.PeerCount));
        Level("coedit.connections", "{connection}", "Open sockets.", () => connections.Count);
        Level("coedit.pending.structs", "{struct}", "Structs in open documents that wait for updates they depend on.", () => Sum(static room => room.PendingStructs));
        Level("coedit.pending.bytes", "By", "Bytes of those structs.", () => Sum(static room => room.PendingBytes));
        Level("coedit.log.queue.updates", "{update}", "Updates that wait for their commit.", () => log.Status.QueuedUpdates);
        Level("coedit.log.queue.bytes", "By", "Bytes that wait for their commit.", () => log.Status.QueuedBytes);
        Level("coedit.log.writable", null, "1 while commits succeed, otherwise 0.", () => log.Status.Writable ? 1 : 0);
        meter.CreateObservableGauge("coedit.log.oldest_uncommitted.age", () => log.Status.OldestUncommitted?.TotalSeconds ?? 0, "s",
            "Age of the oldest update that waits for its commit; 0 when none does.");

        Total("coedit.messages.received", "{message}", "Messages from clients.", static traffic => traffic.MessagesReceived);
        Total("coedit.deliveries", "{message}", "Messages handed to the sockets of clients.", static traffic => traffic.MessagesSent);
        Total("coedit.bytes.received", "By", "Bytes of messages from clients, without framing.", static traffic => traffic.BytesReceived);
        Total("coedit.bytes.sent", "By", "Bytes of messages to clients, without framing.", static traffic => traffic.BytesSent);
        return Task.CompletedTask;

        void Level(string name, string? unit, string description, Func<long> read) =>
            meter.CreateObservableUpDownCounter(name, read, unit, description);

        void Total(string name, string unit, string description, Func<TrafficTotals, long> read) =>
            meter.CreateObservableCounter(name, () => read(connections.Traffic), unit, description);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private long Sum(Func<Room, long> read)
    {
        long sum = 0;
        foreach (Room room in registry.Rooms)
            sum += read(room);
        return sum;
    }
}
