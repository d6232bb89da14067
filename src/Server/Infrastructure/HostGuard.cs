namespace CoEdit.Server;

/// <summary>Middleware: refuses requests addressed to a name that is not ours while the server asks nobody who they are.</summary>
internal sealed class HostGuard(OriginPolicy origins)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next) => origins.HostRefusal(context) is { } refusal
        ? Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Host not allowed", refusal)
        : next(context);
}
