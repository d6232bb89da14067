using Microsoft.AspNetCore.Http.Features;

namespace CoEdit.Server;

/// <summary>The request target as it came over the wire, before the server decoded and normalised it.</summary>
/// <remarks>
/// A document's name may contain <c>%2F</c>, and <c>..</c> must be refused rather than resolved. Both are lost in
/// <see cref="HttpRequest.Path"/>, so names are always read from here and decoded exactly once.
/// </remarks>
internal static class RawTarget
{
    /// <summary>Path prefixes under which routes see the path undecoded (<see cref="RouteOnRawPath"/>).</summary>
    private static readonly string[] RawPrefixes = ["/ws/", "/api/v1/documents/", "/api/v1/rooms/"];

    /// <summary>The undecoded path behind <paramref name="prefix"/>, without the query; empty when the path is shorter.</summary>
    public static string After(HttpContext context, string prefix)
    {
        ReadOnlySpan<char> path = Path(context);
        int skip = context.Request.PathBase.Value?.Length ?? 0;
        skip += prefix.Length;
        return path.Length > skip ? path[skip..].ToString() : "";
    }

    /// <summary>Middleware: lets routing see names as they were sent, dot segments included.</summary>
    public static Task RouteOnRawPath(HttpContext context, RequestDelegate next)
    {
        ReadOnlySpan<char> path = Path(context);
        foreach (string prefix in RawPrefixes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                context.Request.Path = new PathString(path.ToString());
                break;
            }
        }

        return next(context);
    }

    private static ReadOnlySpan<char> Path(HttpContext context)
    {
        ReadOnlySpan<char> target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.Length == 0)
            target = context.Request.Path.ToUriComponent(); // no server set it (in-memory tests)

        // The absolute form (RFC 9112 §3.2.2), which proxies may send.
        int scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0 && target[0] != '/')
        {
            ReadOnlySpan<char> rest = target[(scheme + 3)..];
            int slash = rest.IndexOf('/');
            target = slash < 0 ? "/" : rest[slash..];
        }

        int query = target.IndexOf('?');
        return query < 0 ? target : target[..query];
    }
}
