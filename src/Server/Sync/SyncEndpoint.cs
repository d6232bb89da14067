using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>The y-websocket endpoint: upgrade, find the room, run the connection, leave.</summary>
internal sealed class SyncEndpoint(
    RoomRegistry registry, SocketAcceptor acceptor, ConnectionLimits places, RequestAuthentication authentication, Gatekeeper gatekeeper)
{
    /// <summary>Serves one request. <paramref name="routePrefix"/> is what stands before the document's name in the path.</summary>
    public async Task ServeAsync(HttpContext context, string routePrefix)
    {
        bool named = DocumentName.TryParse(RawTarget.After(context, routePrefix), out string name, out string nameError);
        if (!UpgradedSocket.IsRequested(context))
        {
            await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, named ? "WebSocket expected" : "Bad document name",
                named ? "This address speaks the y-websocket protocol; open it as a WebSocket." : nameError);
            return;
        }

        string? user = places.CountsUsers ? (await authentication.OfAsync(context)).Principal?.Identity?.Name : null;
        using AcceptedSocket? socket = await acceptor.AcceptAsync(context, user);
        if (socket is null)
            return;
        PeerConnection connection = socket.Connection;
        try
        {
            // A refused upgrade looks like a lost connection to a browser, which then tries for ever: accept, and say why.
            if (!named)
            {
                await connection.RefuseAsync(CloseCode.BadRequest, nameError, context.RequestAborted);
                return;
            }

            Admission admission = await gatekeeper.AdmitAsync(context, name);
            if (!admission.IsGranted)
            {
                await connection.RefuseAsync(admission.RefusalCode, admission.RefusalReason, context.RequestAborted);
                return;
            }

            var peer = new YWebSocketPeer(socket.Id, socket.Outbox, admission.Identity.UserId, AsksForAcknowledgements(context))
            {
                Identity = admission.Identity,
                Rights = admission.Rights,
            };
            (Room? room, JoinResult result) = await registry.JoinAsync(name, peer, context.RequestAborted);
            if (room is not null)
            {
                await connection.RunAsync(new YWebSocketReceiver(room, peer), context.RequestAborted);
                return;
            }

            int code = result.Outcome == JoinOutcome.ShuttingDown ? CloseCode.ServiceRestart : CloseCode.TryAgainLater;
            await connection.RefuseAsync(code, result.Error ?? "The server is restarting.", context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone before its room was open.
        }
    }

    private static bool AsksForAcknowledgements(HttpContext context) => context.Request.Query["ack"] == "1";

    /// <summary>One socket, one document: every message goes to the room.</summary>
    private sealed class YWebSocketReceiver(Room room, Peer peer) : IMessageReceiver
    {
        public async ValueTask ReceiveAsync(MessageAssembler message)
        {
            if (!await room.PostAsync(new RoomMessage(RoomMessageKind.Frame, peer, message.Take()), CancellationToken.None))
                peer.Close(CloseCode.TryAgainLater, "The room was closed.");
        }

        public async ValueTask EndAsync() => await room.PostAsync(new RoomMessage(RoomMessageKind.Leave, peer), CancellationToken.None);
    }
}
