using System.Collections.Immutable;
using CoEdit.Persistence;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary>What a load balancer and an operator want to know.</summary>
/// <param name="Status"><c>ok</c>, <c>degraded</c> (some documents cannot be opened) or <c>unavailable</c> (nothing can be stored).</param>
/// <param name="Error">Why nothing can be stored.</param>
/// <param name="QueuedUpdates">Updates that wait for their commit.</param>
/// <param name="OldestUncommittedMs">Age of the oldest of them, in milliseconds.</param>
/// <param name="FailedDocuments">Documents whose last load failed, with the reason; only administrators see them.</param>
public sealed record HealthReport(
    string Status, string? Error, int QueuedUpdates, double? OldestUncommittedMs, IReadOnlyDictionary<string, string> FailedDocuments);

/// <summary><c>/healthz/live</c>: the process answers. <c>/healthz/ready</c>: documents can be stored.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder health = endpoints.MapGroup("/healthz").WithTags("Health");
        health.MapGet("/live", () => TypedResults.Text("ok")).WithName("Live").WithSummary("The process answers");
        health.MapGet("/ready", Ready).WithName("Ready").WithSummary("Documents can be stored")
            .Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<JsonHttpResult<HealthReport>> Ready(
        HttpContext context, IUpdateLog log, RoomRegistry rooms, RequestAuthentication authentication, IAuthorizationService authorization)
    {
        AuthResult caller = await authentication.OfAsync(context);
        bool isAdmin = caller.Succeeded && (await authorization.AuthorizeAsync(caller.Principal, CoEditPolicies.ServerAdmin)).Succeeded;
        StorageStatus storage = log.Status;
        IReadOnlyDictionary<string, string> failed = rooms.FailedDocuments;
        string status = !storage.Writable ? "unavailable" : failed.Count > 0 ? "degraded" : "ok";
        return TypedResults.Json(
            new HealthReport(status, storage.Error, storage.QueuedUpdates, storage.OldestUncommitted?.TotalMilliseconds,
                isAdmin ? failed : ImmutableDictionary<string, string>.Empty),
            ApiJsonContext.Default.HealthReport,
            statusCode: storage.Writable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
