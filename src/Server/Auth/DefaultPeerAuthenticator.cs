using System.Net;
using System.Security.Claims;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>The built-in answer to who somebody is: nobody in particular (<see cref="AuthMode.None"/>) or whom a token names.</summary>
internal sealed class DefaultPeerAuthenticator : IPeerAuthenticator
{
    private readonly AuthMode _mode;
    private readonly JwtAuthenticator _tokens;
    private readonly OriginPolicy _origins;
    private readonly ClaimsPrincipal _anybody;
    private readonly ClaimsPrincipal _anybodyHere;

    public DefaultPeerAuthenticator(IOptions<CoEditOptions> options, JwtAuthenticator tokens, OriginPolicy origins)
    {
        AuthSection auth = options.Value.Auth;
        _mode = auth.Mode;
        _tokens = tokens;
        _origins = origins;
        var everything = new Claim(auth.Jwt.RightsClaim, """{"prefix":"","rights":"write"}""");
        _anybody = new ClaimsPrincipal(new ClaimsIdentity([everything], "None", auth.Jwt.UserClaim, "role"));
        _anybodyHere = new ClaimsPrincipal(new ClaimsIdentity([everything, new Claim(auth.Jwt.AdminClaim, "true")], "None", auth.Jwt.UserClaim, "role"));
    }

    public ValueTask<AuthResult> AuthenticateAsync(string? token, HttpContext context, CancellationToken cancellationToken)
    {
        if (_mode == AuthMode.Jwt)
            return _tokens.AuthenticateAsync(token, cancellationToken);

        // A page of somewhere else can make its visitor's browser send requests; it gets nothing done with them.
        return ValueTask.FromResult(_origins.Refusal(context) is { } refusal
            ? AuthResult.Refused(refusal)
            : AuthResult.Success(IsFromThisMachine(context) ? _anybodyHere : _anybody, DateTimeOffset.MaxValue));
    }

    // What came through a proxy only looks as if it began here; a foreign host name may be one that was made to resolve to this machine.
    private static bool IsFromThisMachine(HttpContext context) =>
        (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address))
        && OriginPolicy.IsLoopbackName(context.Request.Host.Host)
        && !context.Request.Headers.ContainsKey("Forwarded")
        && !context.Request.Headers.Keys.Any(static name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));
}
