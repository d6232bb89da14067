using System.Net;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Which pages may talk to this server, and under which names it may be addressed while it asks nobody for a password.</summary>
/// <remarks>
/// A browser lets any page open a socket to any server and tells only the page's origin; without this check every page that
/// a user visits could read and write the documents on their machine. The <c>Host</c> check closes the same hole for names that
/// an attacker points at the loopback address (DNS rebinding). Programs that are not browsers send no origin and pass.
/// </remarks>
internal sealed class OriginPolicy
{
    private readonly HashSet<string> _allowedOrigins;
    private readonly HashSet<string> _allowedHosts;
    private readonly bool _anonymous;
    private readonly bool _checkHost;

    public OriginPolicy(IOptions<CoEditOptions> options)
    {
        CoEditOptions value = options.Value;
        _allowedOrigins = new HashSet<string>(value.Security.AllowedOrigins, StringComparer.OrdinalIgnoreCase);
        _allowedHosts = new HashSet<string>(value.Security.AllowedHosts, StringComparer.OrdinalIgnoreCase);
        _anonymous = value.Auth.Mode == AuthMode.None;
        _checkHost = _anonymous && !value.Auth.AllowAnonymousNetwork;
    }

    /// <summary>Null when the request may pass, otherwise why not, in one sentence.</summary>
    public string? Refusal(HttpContext context)
    {
        if (HostRefusal(context) is { } refusal)
            return refusal;
        if (context.Request.Headers.Origin.Count == 0)
            return null;
        string origin = context.Request.Headers.Origin.ToString();
        if (_allowedOrigins.Contains(origin))
            return null;
        if (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https")
        {
            if (IsSameHost(uri, context.Request.Host))
                return null;
            if (_anonymous && uri.Scheme == "http" && IsLoopbackName(uri.Host))
                return null;
        }

        return "Pages of this origin may not use this server; list the origin in CoEdit:Security:AllowedOrigins.";
    }

    /// <summary>The <c>Host</c> part of the check, which every request is subject to.</summary>
    public string? HostRefusal(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (!_checkHost || IsLoopbackName(host) || _allowedHosts.Contains(host))
            return null;
        return "While everybody is let in, the server answers only as localhost; list other names in CoEdit:Security:AllowedHosts.";
    }

    private static bool IsSameHost(Uri origin, HostString host)
    {
        int port = host.Port ?? (origin.Scheme == "https" ? 443 : 80);
        return string.Equals(origin.Host.Trim('[', ']'), host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) && origin.Port == port;
    }

    /// <summary>True for the names and addresses by which a machine means itself.</summary>
    public static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
