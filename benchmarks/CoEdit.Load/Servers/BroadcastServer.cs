using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace CoEdit.Load;

/// <summary>The least a server can do: every message goes to everybody else in the room, unread and unstored. Shows what Kestrel allows.</summary>
internal static class BroadcastServer
{
    /// <summary>Makes this program be the server: <c>--serve-broadcast PORT joined|single</c>.</summary>
    public const string Switch = "--serve-broadcast";

    private const string Accept = "mEshsa3SBSLxnDSrimQj4NrkmZI="; // to the only key that the generator sends

    public static async Task RunAsync(int port, bool joined)
    {
        var rooms = new ConcurrentDictionary<string, BroadcastRoom>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        await using WebApplication app = builder.Build();
        app.Map("/ws/{room}", async context =>
        {
            BroadcastRoom room = rooms.GetOrAdd((string)context.GetRouteValue("room")!, static _ => new BroadcastRoom());
            IHeaderDictionary headers = context.Response.Headers;
            headers.Connection = "Upgrade";
            headers.Upgrade = "websocket";
            headers.SecWebSocketAccept = Accept;
            Stream stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
            using var peer = new BroadcastPeer(room, socket, stream, joined);
            await peer.RunAsync();
        });
        await app.RunAsync();
    }

    /// <exception cref="UsageException">The arguments are not a port and a mode.</exception>
    public static Task RunAsync(string[] args) =>
        args is [_, var port, "joined" or "single"] && int.TryParse(port, CultureInfo.InvariantCulture, out int number)
            ? RunAsync(number, args[2] == "joined")
            : throw new UsageException($"usage: {Switch} PORT joined|single");
}
