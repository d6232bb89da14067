using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>GET /api/v1/rooms</c>: the open documents and who is in them, ordered by name, a page at a time.</summary>
public static class ListRooms
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    /// <summary>How long a room may take to tell who is in it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Rooms behind the name <paramref name="After"/>.</summary>
    public sealed record Query(string? After, int Limit) : IRequest<Response>;

    /// <summary>A page. The counts are those of the whole server; <paramref name="Next"/> is the <c>after</c> of the next page, null on the last.</summary>
    public sealed record Response(IReadOnlyList<RoomInfo> Rooms, int OpenRooms, int Peers, int Connections, string? Next);

    internal static void Map(RouteGroupBuilder rooms) => rooms.MapGet("/", HandleAsync)
        .WithName("ListRooms")
        .WithSummary("List open documents and their peers")
        .WithDescription("Ordered by name; `after` and `limit` (1 to 500, default 50) page. For administrators.")
        .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        IMediator mediator, CancellationToken cancellationToken, string? after = null, int limit = DefaultLimit)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem($"limit must lie between 1 and {MaxLimit}.", statusCode: 400, title: "Bad page size");
        return TypedResults.Ok(await mediator.Send(new Query(after, limit), cancellationToken));
    }

    internal sealed class Handler(RoomRegistry registry, ConnectionTable connections, TimeProvider time) : IRequestHandler<Query, Response>
    {
        public async Task<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            Room[] open = registry.Rooms;
            Room[] page = [.. open
                .Where(room => request.After is null || string.CompareOrdinal(room.Name, request.After) > 0)
                .OrderBy(static room => room.Name, StringComparer.Ordinal)
                .Take(request.Limit + 1)]; // one more than asked for tells whether there is more
            RoomInfo[] rooms = await Task.WhenAll(page.Take(request.Limit).Select(room => DescribeAsync(room, cancellationToken)));
            string? next = page.Length > request.Limit ? rooms[^1].Name : null;
            return new Response(rooms, open.Length, open.Sum(static room => room.PeerCount), connections.Count, next);
        }

        private async Task<RoomInfo> DescribeAsync(Room room, CancellationToken cancellationToken)
        {
            IReadOnlyList<PeerInfo>? peers = null;
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                var reply = new TaskCompletionSource<IReadOnlyList<PeerInfo>>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (await room.PostAsync(new RoomMessage(RoomMessageKind.ListPeers, Reply: reply), either.Token))
                    peers = await reply.Task.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It is busy; that it is open is worth telling all the same.
            }

            return new RoomInfo(room.Name, peers?.Count ?? room.PeerCount, room.StoredBytes, room.PendingStructs, peers);
        }
    }
}
