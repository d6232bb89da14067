using System.Collections.Immutable;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary>What a load balancer and an operator want to know.</summary>
/// <param name="Status">
/// <c>ok</c>; <c>degraded</c> (commits are slow, or some documents cannot be opened); <c>unavailable</c> (nothing can be stored);
/// <c>stopping</c>. The last two come with 503.
/// </param>
/// <param name="Error">Why it is not <c>ok</c>, in one sentence.</param>
/// <param name="QueuedUpdates">Updates that wait for their commit.</param>
/// <param name="OldestUncommittedMs">Age of the oldest of them, in milliseconds.</param>
/// <param name="FailedDocuments">Documents whose last load failed, with the reason; only administrators see them.</param>
public sealed record HealthReport(
    string Status, string? Error, int QueuedUpdates, double? OldestUncommittedMs, IReadOnlyDictionary<string, string> FailedDocuments)
{
    internal const string Ok = "ok";
    internal const string Degraded = "degraded";
    internal const string Unavailable = "unavailable";
    internal const string Stopping = "stopping";
}

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
        HttpContext context, ServerHealth health, RequestAuthentication authentication, IAuthorizationService authorization)
    {
        AuthResult caller = await authentication.OfAsync(context);
        bool isAdmin = caller.Succeeded && (await authorization.AuthorizeAsync(caller.Principal, CoEditPolicies.ServerAdmin)).Succeeded;
        HealthReport report = health.Look();
        if (!isAdmin)
            report = report with { FailedDocuments = ImmutableDictionary<string, string>.Empty };
        bool isReady = report.Status is HealthReport.Ok or HealthReport.Degraded;
        return TypedResults.Json(report, ApiJsonContext.Default.HealthReport,
            statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
