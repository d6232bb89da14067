using CoEdit.Persistence;
using CoEdit.Protocol;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>DELETE /api/v1/documents/{name}</c>: drops the content, closes its peers with 4404, and refuses its past for ever.</summary>
public static class DeleteDocument
{
    /// <summary>The document's decoded name.</summary>
    public sealed record Command(string Name) : IRequest<bool>;

    internal static void Map(RouteGroupBuilder documents) => documents.MapDelete("/{name}", HandleAsync)
        .WithName("DeleteDocument")
        .WithSummary("Delete a document")
        .WithDescription("Peers are closed with 4404. Opening the name again starts an empty document that the old one's tabs cannot pollute.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string name, IMediator mediator, CancellationToken cancellationToken)
    {
        if (!DocumentName.TryParse(name, out string document, out string error))
            return DocumentEndpoints.BadName(error);
        return await mediator.Send(new Command(document), cancellationToken)
            ? TypedResults.NoContent()
            : DocumentEndpoints.NoSuchDocument(document);
    }

    internal sealed class Handler(IUpdateLog log, RoomRegistry rooms) : IRequestHandler<Command, bool>
    {
        public async Task<bool> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!rooms.TryGet(request.Name, out _) && await log.FindAsync(request.Name, cancellationToken) is null)
                return false;
            return await rooms.DeleteAsync(request.Name, cancellationToken);
        }
    }
}
