using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>The authentication scheme <see cref="CoEditPolicies.Scheme"/>: <see cref="IPeerAuthenticator"/> as ASP.NET Core knows it.</summary>
internal sealed class CoEditAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    RequestAuthentication authentication,
    IOptions<CoEditOptions> coedit)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        AuthResult result = await authentication.OfAsync(Context);
        if (!result.Succeeded)
            return RequestAuthentication.FindToken(Context) is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail(result.Failure);
        var properties = new AuthenticationProperties();
        if (result.Expires != DateTimeOffset.MaxValue)
            properties.ExpiresUtc = result.Expires;
        return AuthenticateResult.Success(new AuthenticationTicket(result.Principal, properties, Scheme.Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        AuthResult result = await authentication.OfAsync(Context);
        if (result.Outcome is AuthOutcome.Unavailable or AuthOutcome.TimedOut)
        {
            Response.Headers.RetryAfter = "5";
            await Problems.WriteAsync(Context, StatusCodes.Status503ServiceUnavailable, "Authentication not available", result.Failure!);
            return;
        }

        if (coedit.Value.Auth.Mode == AuthMode.None && result.Failure is not null)
        {
            await Problems.WriteAsync(Context, StatusCodes.Status403Forbidden, "Origin not allowed", result.Failure);
            return;
        }

        Response.Headers.WWWAuthenticate = RequestAuthentication.FindToken(Context) is null ? "Bearer" : "Bearer error=\"invalid_token\"";
        await Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, "Not authenticated", result.Failure ?? "A token is needed.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.WriteAsync(Context, StatusCodes.Status403Forbidden, "Forbidden", "You do not have the right to do this.");
}
