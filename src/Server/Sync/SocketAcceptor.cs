using System.Net.WebSockets;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>What every endpoint for sockets does first: check the origin, finish the handshake, watch over the connection.</summary>
internal sealed class SocketAcceptor(
    ConnectionTable connections,
    AssemblyBudget budget,
    OriginPolicy origins,
    CoEditMetrics metrics,
    IOptions<CoEditOptions> options,
    TimeProvider time,
    ILogger<PeerConnection> logger)
{
    private readonly LimitsSection _limits = options.Value.Limits;

    /// <summary>The open connection; null when the request was refused, and answered, before it was one.</summary>
    public async Task<AcceptedSocket?> AcceptAsync(HttpContext context)
    {
        if (origins.Refusal(context) is { } refusal)
        {
            metrics.AddRejection(Rejection.Origin);
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Origin not allowed", refusal);
            return null;
        }

        if (await UpgradedSocket.AcceptAsync(context, time) is not (WebSocket socket, CoalescingStream stream))
            return null;
        var outbox = new Outbox(_limits.OutboxBytes, _limits.OutboxFrames);
        var connection = new PeerConnection(socket, stream, outbox, _limits, budget, metrics, time, logger);
        long id = connections.NextId();
        connections.Add(id, connection);
        return new AcceptedSocket(id, outbox, connection, connections);
    }
}

/// <summary>A socket after its handshake. Disposing ends the watch over it, not the socket.</summary>
internal sealed class AcceptedSocket(long id, Outbox outbox, PeerConnection connection, ConnectionTable connections) : IDisposable
{
    public long Id { get; } = id;

    public Outbox Outbox { get; } = outbox;

    public PeerConnection Connection { get; } = connection;

    public void Dispose() => connections.Remove(Id);
}
