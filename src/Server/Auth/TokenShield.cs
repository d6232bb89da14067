using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoEdit.Server;

/// <summary>A token that was taken out of a request's query.</summary>
internal sealed record QueryToken(string Value);

/// <summary>Addresses whose queries may carry tokens, filled while endpoints are mapped.</summary>
internal sealed class TokenPaths
{
    private volatile string[] _prefixes = [];

    /// <summary>Adds what stands before the variable part of an address. Called while the application is built.</summary>
    public void Add(string prefix) => _prefixes = [.. _prefixes, prefix];

    /// <summary>True when one of them occurs in <paramref name="path"/> (not only at its beginning: the application may lie below a base path).</summary>
    public bool Match(ReadOnlySpan<char> path)
    {
        foreach (string prefix in _prefixes)
        {
            if (path.Contains(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}

/// <summary>
/// A server in front of the real one that takes tokens out of queries before anything sees the request: ASP.NET Core logs and traces
/// the address of every request before the first middleware runs.
/// </summary>
/// <remarks>A query token is known only through <see cref="QueryToken"/>, so where this server is not in place, tokens in queries are not accepted.</remarks>
internal sealed class TokenShield(IServer inner, TokenPaths paths) : IServer
{
    private static readonly string[] Names = ["access_token", "token"];

    public IFeatureCollection Features => inner.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull =>
        inner.StartAsync(new Application<TContext>(application, paths), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    public void Dispose() => inner.Dispose();

    /// <summary>Puts a shield before the server that is registered, if one is.</summary>
    public static void Raise(IServiceCollection services)
    {
        services.TryAddSingleton<TokenPaths>();
        ServiceDescriptor? server = services.LastOrDefault(service => service.ServiceType == typeof(IServer) && !service.IsKeyedService);
        if (server is null)
            return;
        services.Remove(server);
        services.AddSingleton<IServer>(provider => new TokenShield(Create(server, provider), provider.GetRequiredService<TokenPaths>()));
    }

    /// <summary>Takes the tokens out of a query; null when there are none.</summary>
    internal static (string Query, string Token)? Split(string query)
    {
        string? token = null;
        var rest = new List<string>();
        foreach (string part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=');
            string name = Uri.UnescapeDataString((equals < 0 ? part : part[..equals]).Replace('+', ' '));
            if (Names.Contains(name, StringComparer.OrdinalIgnoreCase))
                token ??= equals < 0 ? "" : Uri.UnescapeDataString(part[(equals + 1)..]);
            else
                rest.Add(part);
        }

        return token is null ? null : (rest.Count == 0 ? "" : "?" + string.Join('&', rest), token);
    }

    private static IServer Create(ServiceDescriptor server, IServiceProvider provider) => (IServer)(
        server.ImplementationInstance
        ?? server.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, server.ImplementationType!));

    private static void Shield(IHttpRequestFeature request, IFeatureCollection features, TokenPaths paths)
    {
        int question = request.RawTarget.IndexOf('?');
        string query = question >= 0 ? request.RawTarget[question..] : request.QueryString;
        if (query.Length == 0 || Split(query) is not { } split)
            return;
        ReadOnlySpan<char> path = question >= 0 ? request.RawTarget.AsSpan(0, question) : request.Path;
        if (!paths.Match(path))
            return;
        if (question >= 0)
            request.RawTarget = string.Concat(path, split.Query);
        request.QueryString = split.Query;
        features.Set(new QueryToken(split.Token));
    }

    private sealed class Application<TContext>(IHttpApplication<TContext> inner, TokenPaths paths) : IHttpApplication<TContext>
        where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures)
        {
            if (contextFeatures.Get<IHttpRequestFeature>() is { } request)
                Shield(request, contextFeatures, paths);
            return inner.CreateContext(contextFeatures);
        }

        public Task ProcessRequestAsync(TContext context) => inner.ProcessRequestAsync(context);

        public void DisposeContext(TContext context, Exception? exception) => inner.DisposeContext(context, exception);
    }
}
