using CoEdit.Server;

#pragma warning disable IDE0130 // Extension methods for users live in CoEdit, not deeper (and never in Microsoft's namespaces).
namespace CoEdit;
#pragma warning restore IDE0130

/// <summary>Maps CoEdit's endpoints in an ASP.NET Core application.</summary>
public static class CoEditEndpoints
{
    /// <summary>
    /// The y-websocket endpoint. <paramref name="pattern"/> ends in a catch-all, for the name of a document may contain slashes:
    /// <c>/ws/{**document}</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The pattern does not end in a catch-all parameter.</exception>
    public static IEndpointConventionBuilder MapCoEdit(this IEndpointRouteBuilder endpoints, string pattern)
    {
        int parameter = pattern.IndexOf("{*", StringComparison.Ordinal);
        if (parameter < 1 || !pattern.EndsWith('}'))
            throw new ArgumentException("The pattern must end in a catch-all, such as /ws/{**document}.", nameof(pattern));
        string prefix = "/" + pattern[..parameter].TrimStart('/');
        endpoints.ServiceProvider.GetRequiredService<TokenPaths>().Add(prefix);
        SyncEndpoint endpoint = endpoints.ServiceProvider.GetRequiredService<SyncEndpoint>();
        return endpoints.Map(pattern, context => endpoint.ServeAsync(context, prefix)).ExcludeFromDescription();
    }

    /// <summary>
    /// The Hocuspocus endpoint, at <paramref name="path"/> and everything below it: providers may add what they like to their address, and
    /// name their documents in their messages.
    /// </summary>
    /// <exception cref="ArgumentException">The path does not begin with a slash, ends in one, or has parameters.</exception>
    public static IEndpointConventionBuilder MapCoEditHocuspocus(this IEndpointRouteBuilder endpoints, string path)
    {
        if (path.Length < 2 || path[0] != '/' || path[^1] == '/' || path.Contains('{', StringComparison.Ordinal))
            throw new ArgumentException("The path must be a plain one, such as /hocuspocus.", nameof(path));
        endpoints.ServiceProvider.GetRequiredService<TokenPaths>().Add(path);
        HocuspocusEndpoint endpoint = endpoints.ServiceProvider.GetRequiredService<HocuspocusEndpoint>();
        return endpoints.Map(path + "/{**document}", endpoint.ServeAsync).ExcludeFromDescription();
    }

    /// <summary>The HTTP API under <c>/api/v1</c>, each endpoint under a policy of <see cref="CoEditPolicies"/>.</summary>
    public static IEndpointConventionBuilder MapCoEditApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<TokenPaths>().Add("/api/v1/");
        RouteGroupBuilder api = endpoints.MapGroup("/api/v1");
        DocumentEndpoints.Map(api);
        RoomEndpoints.Map(api);
        return api;
    }

    /// <summary>
    /// The page for Prometheus (text format 0.0.4) at <paramref name="pattern"/>, under <see cref="CoEditPolicies.ServerAdmin"/>: the meter
    /// <c>CoEdit</c>, the runtime's and the process's. Histograms begin with this call.
    /// </summary>
    public static IEndpointConventionBuilder MapCoEditMetrics(this IEndpointRouteBuilder endpoints, string pattern = "/metrics")
    {
        PrometheusPage page = endpoints.ServiceProvider.GetRequiredService<PrometheusPage>();
        return endpoints.MapGet(pattern, () => TypedResults.Text(page.Write(), PrometheusPage.ContentType))
            .RequireAuthorization(CoEditPolicies.ServerAdmin)
            .ExcludeFromDescription();
    }

    /// <summary>The health endpoints under <c>/healthz</c>.</summary>
    public static void MapCoEditHealth(this IEndpointRouteBuilder endpoints) => HealthEndpoints.Map(endpoints);
}
