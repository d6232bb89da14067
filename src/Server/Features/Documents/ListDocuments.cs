using CoEdit.Persistence;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>GET /api/v1/documents</c>: every document, ordered by name, a page at a time.</summary>
public static class ListDocuments
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    /// <summary>What to list: names that contain <paramref name="Search"/>, behind <paramref name="After"/>.</summary>
    public sealed record Query(string? Search, string? After, int Limit) : IRequest<Response>;

    /// <summary>A page. <paramref name="Next"/> is the <c>after</c> of the next one, null on the last.</summary>
    public sealed record Response(IReadOnlyList<DocumentInfo> Documents, string? Next);

    internal static void Map(RouteGroupBuilder documents) => documents.MapGet("/", HandleAsync)
        .WithName("ListDocuments")
        .WithSummary("List documents")
        .WithDescription("Ordered by name (bytewise). `search` filters by a part of the name; `after` and `limit` (1 to 500, default 50) page.");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        IMediator mediator, CancellationToken cancellationToken, string? search = null, string? after = null, int limit = DefaultLimit)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem($"limit must lie between 1 and {MaxLimit}.", statusCode: 400, title: "Bad page size");
        return TypedResults.Ok(await mediator.Send(new Query(search, after, limit), cancellationToken));
    }

    internal sealed class Handler(IUpdateLog log, RoomRegistry rooms) : IRequestHandler<Query, Response>
    {
        public async Task<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            // One more than asked for tells whether there is a next page.
            IReadOnlyList<DocumentSummary> found = await log.ListAsync(request.Search, request.After, request.Limit + 1, cancellationToken);
            var page = found.Take(request.Limit).Select(row => Describe(row, rooms)).ToList();
            return new Response(page, found.Count > request.Limit ? page[^1].Name : null);
        }
    }

    internal static DocumentInfo Describe(DocumentSummary row, RoomRegistry rooms) =>
        new(row.Name, row.Size, row.LastChange, row.Created, rooms.OpenPeers(row.Name), row.Epoch);
}
