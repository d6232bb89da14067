using CoEdit.Protocol;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>POST /api/v1/documents/{name}/recheck</c>: whoever changed somebody's rights has them looked up again at once.</summary>
public static class RecheckDocument
{
    /// <summary>The document's decoded name.</summary>
    public sealed record Command(string Name) : IRequest<RightsReport>;

    internal static void Map(RouteGroupBuilder documents) => documents.MapPost("/{name}/recheck", HandleAsync)
        .RequireAuthorization(CoEditPolicies.ServerAdmin)
        .WithName("RecheckDocument")
        .WithSummary("Look up everybody's rights in a document again")
        .WithDescription("Open connections are put down to reading, or closed with 4403, before this answers. For administrators.")
        .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<Results<Ok<RightsReport>, ProblemHttpResult>> HandleAsync(
        string name, IMediator mediator, CancellationToken cancellationToken)
    {
        if (!DocumentName.TryParse(name, out string document, out string error))
            return DocumentEndpoints.BadName(error);
        return TypedResults.Ok(await mediator.Send(new Command(document), cancellationToken));
    }

    internal sealed class Handler(RoomRegistry rooms, RightsChecker checker) : IRequestHandler<Command, RightsReport>
    {
        public Task<RightsReport> Handle(Command request, CancellationToken cancellationToken) => rooms.TryGet(request.Name, out Room? room)
            ? checker.CheckAsync(room, cancellationToken)
            : Task.FromResult(new RightsReport(0, 0, 0, 0));
    }
}
