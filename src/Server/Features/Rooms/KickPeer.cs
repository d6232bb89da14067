using System.Security.Claims;
using CoEdit.Protocol;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary>
/// <c>DELETE /api/v1/rooms/{name}/peers/{id}</c>: closes a client's connection, with 1001 (it may come back at once) or, with
/// <c>permanent=true</c>, with 4403 (clients that know the convention stop).
/// </summary>
public static partial class KickPeer
{
    /// <summary>Whom to close, and on whose order.</summary>
    public sealed record Command(string Name, long Peer, bool Permanent, string? Operator) : IRequest<bool>;

    internal static void Map(RouteGroupBuilder rooms) => rooms.MapDelete("/{name}/peers/{id:long}", HandleAsync)
        .WithName("KickPeer")
        .WithSummary("Close a peer's connection")
        .WithDescription("With 1001, after which clients come back at once, or with 4403 if `permanent=true`. That takes no right away: revoke the "
            + "token or the right as well. The documents of one Hocuspocus socket go together with 1001, one by one with 4403. For administrators.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string name, long id, IMediator mediator, ClaimsPrincipal user, CancellationToken cancellationToken, bool permanent = false)
    {
        if (!DocumentName.TryParse(name, out string document, out string error))
            return DocumentEndpoints.BadName(error);
        return await mediator.Send(new Command(document, id, permanent, user.Identity?.Name), cancellationToken)
            ? TypedResults.NoContent()
            : RoomEndpoints.NoSuchPeer(document, id);
    }

    internal sealed partial class Handler(RoomRegistry rooms, ILogger<Handler> logger) : IRequestHandler<Command, bool>
    {
        public async Task<bool> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!rooms.TryGet(request.Name, out Room? room))
                return false;
            var order = new KickOrder(request.Peer, request.Permanent ? CloseCode.Forbidden : CloseCode.GoingAway);
            if (!await room.PostAsync(new RoomMessage(RoomMessageKind.Kick, Reply: order), cancellationToken)
                || !await order.Done.Task.WaitAsync(cancellationToken))
            {
                return false;
            }

            LogKicked(request.Peer, request.Name, order.Code, request.Operator);
            return true;
        }

        [LoggerMessage(EventIds.PeerKicked, LogLevel.Information, "Peer {Peer} of {Document} was closed with {Code} by operator {Operator}.")]
        private partial void LogKicked(long peer, LogText document, int code, LogText @operator);
    }
}
