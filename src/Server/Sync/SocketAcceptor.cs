using System.Net.WebSockets;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>What every endpoint for sockets does first: check the origin and whether there is room, finish the handshake, watch over the connection.</summary>
internal sealed class SocketAcceptor(
    ConnectionTable connections,
    ConnectionLimits places,
    AssemblyBudget budget,
    OriginPolicy origins,
    CoEditMetrics metrics,
    IOptions<CoEditOptions> options,
    TimeProvider time,
    ILogger<PeerConnection> logger)
{
    private const string RetryAfterSeconds = "5";

    private readonly LimitsSection _limits = options.Value.Limits;

    /// <summary>The open connection; null when the request was refused, and answered, before it was one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">Whose socket it will be, as far as that is known.</param>
    public async Task<AcceptedSocket?> AcceptAsync(HttpContext context, string? user)
    {
        if (origins.Refusal(context) is { } refusal)
        {
            metrics.AddRejection(Rejection.Origin);
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Origin not allowed", refusal);
            return null;
        }

        // Before the handshake: clients count an open socket as success and would be back at once.
        ConnectionPlace? place = places.TryEnter(context.Connection.RemoteIpAddress, user, out string? full);
        if (place is null)
        {
            metrics.AddRejection(Rejection.Overloaded);
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many connections", full!);
            return null;
        }

        AcceptedSocket? accepted = null;
        try
        {
            if (await UpgradedSocket.AcceptAsync(context, _limits, time) is (WebSocket socket, CoalescingStream stream))
                accepted = Watch(socket, stream, place);
            return accepted;
        }
        finally
        {
            if (accepted is null)
                place.Dispose();
        }
    }

    private AcceptedSocket Watch(WebSocket socket, CoalescingStream stream, ConnectionPlace place)
    {
        var outbox = new Outbox(_limits.OutboxBytes, _limits.OutboxFrames);
        var connection = new PeerConnection(socket, stream, outbox, _limits, budget, metrics, time, logger);
        long id = connections.NextId();
        connections.Add(id, connection);
        return new AcceptedSocket(id, outbox, connection, place, connections);
    }
}

/// <summary>A socket after its handshake. Disposing ends the watch over it and gives its place back; it does not end the socket.</summary>
internal sealed class AcceptedSocket(
    long id, Outbox outbox, PeerConnection connection, ConnectionPlace place, ConnectionTable connections) : IDisposable
{
    public long Id { get; } = id;

    public Outbox Outbox { get; } = outbox;

    public PeerConnection Connection { get; } = connection;

    public ConnectionPlace Place { get; } = place;

    public void Dispose()
    {
        connections.Remove(Id);
        Place.Dispose();
    }
}
