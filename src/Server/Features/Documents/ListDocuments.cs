using System.Security.Claims;
using CoEdit.Persistence;
using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary><c>GET /api/v1/documents</c>: every document that the caller may read, ordered by name, a page at a time.</summary>
public static class ListDocuments
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    /// <summary>Documents looked at for one page, so that somebody who may read few of many does not keep the database busy.</summary>
    private const int MaxLookedAt = 5_000;

    /// <summary>What to list: names that contain <paramref name="Search"/>, behind <paramref name="After"/>, that <paramref name="Reader"/> may read.</summary>
    public sealed record Query(string? Search, string? After, int Limit, ClaimsPrincipal Reader) : IRequest<Response>;

    /// <summary>A page, which may be short or empty. <paramref name="Next"/> is the <c>after</c> of the next one, null on the last.</summary>
    public sealed record Response(IReadOnlyList<DocumentInfo> Documents, string? Next);

    internal static void Map(RouteGroupBuilder documents) => documents.MapGet("/", HandleAsync)
        .WithName("ListDocuments")
        .WithSummary("List documents")
        .WithDescription("Those that the caller may read, ordered by name (bytewise). `search` filters by a part of the name; `after` and `limit` "
            + "(1 to 500, default 50) page. A page may be short: only a missing `next` means the end.");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        IMediator mediator, ClaimsPrincipal user, CancellationToken cancellationToken, string? search = null, string? after = null, int limit = DefaultLimit)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem($"limit must lie between 1 and {MaxLimit}.", statusCode: 400, title: "Bad page size");
        return TypedResults.Ok(await mediator.Send(new Query(search, after, limit, user), cancellationToken));
    }

    internal sealed class Handler(IUpdateLog log, RoomRegistry rooms, DocumentAccess access) : IRequestHandler<Query, Response>
    {
        public async Task<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var page = new List<DocumentInfo>();
            string? after = request.After;
            for (int lookedAt = 0; lookedAt < MaxLookedAt; lookedAt += request.Limit)
            {
                // One more than asked for tells whether there is more.
                IReadOnlyList<DocumentSummary> found = await log.ListAsync(request.Search, after, request.Limit + 1, cancellationToken);
                foreach (DocumentSummary row in found)
                {
                    if (await access.GetRightsAsync(request.Reader, row.Name, cancellationToken) == DocumentRights.None)
                        continue;
                    if (page.Count == request.Limit)
                        return new Response(page, page[^1].Name);
                    page.Add(Describe(row, rooms));
                }

                if (found.Count <= request.Limit)
                    return new Response(page, null);
                after = found[^1].Name;
            }

            return new Response(page, after);
        }
    }

    internal static DocumentInfo Describe(DocumentSummary row, RoomRegistry rooms) =>
        new(row.Name, row.Size, row.LastChange, row.Created, rooms.OpenPeers(row.Name), row.Epoch);
}
