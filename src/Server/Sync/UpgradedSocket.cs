using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace CoEdit.Server;

/// <summary>The opening handshake of RFC 6455 (and RFC 8441 over HTTP/2), on the connection's own stream.</summary>
/// <remarks>
/// ASP.NET Core's WebSocket middleware writes every frame on its own; taking the stream from the upgrade lets
/// <see cref="CoalescingStream"/> join them (docs/decisions/0005). Frames are coded by the framework's WebSocket.
/// </remarks>
internal static class UpgradedSocket
{
    private const string AcceptSalt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>True when the request asks for a WebSocket.</summary>
    public static bool IsRequested(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            return string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);
        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && HttpMethods.IsGet(context.Request.Method)
            && HasToken(context.Request.Headers.Upgrade, "websocket");
    }

    /// <summary>Finishes the handshake. Null: the request was not a valid one and has been answered with 400.</summary>
    public static async Task<(WebSocket Socket, CoalescingStream Stream)?> AcceptAsync(HttpContext context, LimitsSection limits, TimeProvider time)
    {
        HttpRequest request = context.Request;
        string? subProtocol = ChooseSubProtocol(request);
        Stream raw;
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            if (subProtocol is not null)
                context.Response.Headers.SecWebSocketProtocol = subProtocol;
            context.Response.StatusCode = StatusCodes.Status200OK;
            raw = await connect.AcceptAsync();
        }
        else
        {
            string key = request.Headers.SecWebSocketKey.ToString();
            if (request.Headers.SecWebSocketVersion != "13" || !IsValidKey(key))
            {
                context.Response.Headers.SecWebSocketVersion = "13";
                await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "Bad WebSocket handshake",
                    "Sec-WebSocket-Version must be 13 and Sec-WebSocket-Key 16 bytes in base 64.");
                return null;
            }

            IHeaderDictionary headers = context.Response.Headers;
            headers.Connection = "Upgrade";
            headers.Upgrade = "websocket";
            headers.SecWebSocketAccept = Accept(key);
            if (subProtocol is not null)
                headers.SecWebSocketProtocol = subProtocol;
            raw = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        }

        var stream = new CoalescingStream(raw, time);
        // Without permessage-deflate: it costs memory per socket, lets small input become large, and leaks secrets by length (BREACH).
        WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = true,
            SubProtocol = subProtocol,
            KeepAliveInterval = limits.KeepAliveInterval,
            KeepAliveTimeout = limits.KeepAliveTimeout,
        });
        stream.Carry(socket, context.Abort);
        return (socket, stream);
    }

    // Browsers fail the handshake when they offered protocols and none is chosen; a token is never echoed.
    private static string? ChooseSubProtocol(HttpRequest request)
    {
        foreach (string offered in request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol"))
        {
            if (offered.Length > 0 && !offered.StartsWith("bearer.", StringComparison.OrdinalIgnoreCase))
                return offered;
        }

        return null;
    }

    private static string Accept(string key)
    {
#pragma warning disable CA5350 // RFC 6455 §4.2.2 fixes SHA-1 here; it proves that the server read the request, nothing more.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSalt)));
#pragma warning restore CA5350
    }

    private static bool IsValidKey(string key)
    {
        Span<byte> decoded = stackalloc byte[18];
        return key.Length == 24 && Convert.TryFromBase64String(key, decoded, out int written) && written == 16;
    }

    private static bool HasToken(string? header, string token) =>
        header is not null && header.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}
