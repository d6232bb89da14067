using CoEdit.Persistence;
using CoEdit.Protocol;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>POST /api/v1/documents/{name}/stateless</c>: says something to those who have a document open over the Hocuspocus protocol.</summary>
public static class SendStateless
{
    private const int MaxPayloadChars = 256 * 1024;

    /// <summary>Whom to tell what; see <see cref="IStatelessSender.SendAsync"/>.</summary>
    public sealed record Command(string Name, string Payload, string? User, long? Connection) : IRequest<Outcome>;

    /// <summary>The body: a text, and whom it is for when it is not for all.</summary>
    /// <param name="Payload">The text, up to 262144 UTF-16 units.</param>
    /// <param name="User">Only for connections of this user.</param>
    /// <param name="Connection">Only for this connection, by the number that the application got with a message of it.</param>
    public sealed record Body(string? Payload, string? User, long? Connection);

    /// <summary>To how many connections it went.</summary>
    public sealed record Receipt(int Connections);

    /// <summary>How it went. <paramref name="Exists"/>: there is such a document.</summary>
    public sealed record Outcome(bool Exists, int Connections);

    internal static void Map(RouteGroupBuilder documents) => documents.MapPost("/{name}/stateless", HandleAsync)
        .WithName("SendStateless")
        .WithSummary("Send a stateless message")
        .WithDescription("Goes to every Hocuspocus client that has the document open now, or to those that match `user` and `connection`. It is not kept.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Accepted<Receipt>, ProblemHttpResult>> HandleAsync(
        string name, Body body, IMediator mediator, CancellationToken cancellationToken)
    {
        if (!DocumentName.TryParse(name, out string document, out string error))
            return DocumentEndpoints.BadName(error);
        if (body.Payload is not { Length: <= MaxPayloadChars } payload)
        {
            return TypedResults.Problem($"payload must be a text of at most {MaxPayloadChars} UTF-16 units.",
                statusCode: StatusCodes.Status400BadRequest, title: "Bad payload");
        }

        Outcome outcome = await mediator.Send(new Command(document, payload, body.User, body.Connection), cancellationToken);
        if (!outcome.Exists)
            return DocumentEndpoints.NoSuchDocument(document);
        if (outcome.Connections == 0 && (body.User is not null || body.Connection is not null))
        {
            return TypedResults.Problem($"Nobody who matches has \"{document}\" open over the Hocuspocus protocol.",
                statusCode: StatusCodes.Status404NotFound, title: "No such connection");
        }

        return TypedResults.Accepted((string?)null, new Receipt(outcome.Connections));
    }

    internal sealed class Handler(IUpdateLog log, RoomRegistry rooms, IStatelessSender sender) : IRequestHandler<Command, Outcome>
    {
        public async Task<Outcome> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!rooms.TryGet(request.Name, out _) && await log.FindAsync(request.Name, cancellationToken) is null)
                return new Outcome(false, 0);
            return new Outcome(true, await sender.SendAsync(request.Name, request.Payload, request.User, request.Connection, cancellationToken));
        }
    }
}
