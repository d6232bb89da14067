using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>The Hocuspocus endpoint: upgrade, then let the socket's messages say which documents it wants.</summary>
internal sealed class HocuspocusEndpoint(SocketAcceptor acceptor, HocuspocusServices services)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (!UpgradedSocket.IsRequested(context))
        {
            await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "WebSocket expected",
                "This address speaks the Hocuspocus protocol; open it as a WebSocket.");
            return;
        }

        using AcceptedSocket? socket = await acceptor.AcceptAsync(context, user: null);
        if (socket is null)
            return;
        using var connection = new HocuspocusConnection(services, socket, context);
        await socket.Connection.RunAsync(connection, context.RequestAborted);
    }
}

/// <summary>What every Hocuspocus socket needs of the server.</summary>
internal sealed class HocuspocusServices(
    RoomRegistry rooms,
    ConnectionTable connections,
    RequestAuthentication authentication,
    Gatekeeper gatekeeper,
    IStatelessHandler stateless,
    CoEditMetrics metrics,
    IOptions<CoEditOptions> options,
    TimeProvider time,
    ILogger<HocuspocusConnection> logger)
{
    public RoomRegistry Rooms => rooms;

    public ConnectionTable Connections => connections;

    public RequestAuthentication Authentication => authentication;

    public Gatekeeper Gatekeeper => gatekeeper;

    public IStatelessHandler Stateless => stateless;

    public CoEditMetrics Metrics => metrics;

    public CoEditOptions Options => options.Value;

    public TimeProvider Time => time;

    public ILogger<HocuspocusConnection> Logger => logger;
}
