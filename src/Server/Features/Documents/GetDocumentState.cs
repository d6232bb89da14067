using CoEdit.Persistence;
using CoEdit.Protocol;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>GET /api/v1/documents/{name}/state</c>: the whole document as one Yjs update (v1), durable when it is sent.</summary>
public static class GetDocumentState
{
    /// <summary>The document's decoded name.</summary>
    public sealed record Query(string Name) : IRequest<byte[]?>;

    internal static void Map(RouteGroupBuilder documents) => documents.MapGet("/{name}/state", HandleAsync)
        .WithName("GetDocumentState")
        .WithSummary("Read a document as a Yjs update (v1)")
        .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        string name, IMediator mediator, CancellationToken cancellationToken)
    {
        if (!DocumentName.TryParse(name, out string document, out string error))
            return DocumentEndpoints.BadName(error);
        byte[]? state = await mediator.Send(new Query(document), cancellationToken);
        return state is null ? DocumentEndpoints.NoSuchDocument(document) : TypedResults.Bytes(state, "application/octet-stream");
    }

    internal sealed class Handler(IUpdateLog log, RoomRegistry rooms) : IRequestHandler<Query, byte[]?>
    {
        public async Task<byte[]?> Handle(Query request, CancellationToken cancellationToken)
        {
            // Names that nobody ever wrote to do not get a room.
            if (!rooms.TryGet(request.Name, out _) && await log.FindAsync(request.Name, cancellationToken) is null)
                return null;
            DocumentState state = await rooms.ReadStateAsync(request.Name, cancellationToken);
            return state.Exists ? state.Update : null;
        }
    }
}
