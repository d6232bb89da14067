using CoEdit.Persistence;
using CoEdit.Protocol;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>GET /api/v1/documents/{name}</c>: what is known of one document.</summary>
public static class GetDocument
{
    /// <summary>The document's decoded name.</summary>
    public sealed record Query(string Name) : IRequest<DocumentInfo?>;

    internal static void Map(RouteGroupBuilder documents) => documents.MapGet("/{name}", HandleAsync)
        .WithName("GetDocument")
        .WithSummary("Describe a document")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<DocumentInfo>, ProblemHttpResult>> HandleAsync(
        string name, IMediator mediator, CancellationToken cancellationToken)
    {
        if (!DocumentName.TryParse(name, out string document, out string error))
            return DocumentEndpoints.BadName(error);
        DocumentInfo? found = await mediator.Send(new Query(document), cancellationToken);
        return found is null ? DocumentEndpoints.NoSuchDocument(document) : TypedResults.Ok(found);
    }

    internal sealed class Handler(IUpdateLog log, RoomRegistry rooms) : IRequestHandler<Query, DocumentInfo?>
    {
        public async Task<DocumentInfo?> Handle(Query request, CancellationToken cancellationToken)
        {
            // Writes that are still on their way to the disk are waited for, so that a client finds what it has just typed.
            if (rooms.TryGet(request.Name, out _))
                await rooms.ReadStateAsync(request.Name, cancellationToken);
            DocumentSummary? row = await log.FindAsync(request.Name, cancellationToken);
            return row is null ? null : ListDocuments.Describe(row, rooms);
        }
    }
}
