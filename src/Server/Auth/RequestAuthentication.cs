using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Finds a request's token and has it judged, once per request.</summary>
internal sealed class RequestAuthentication(IPeerAuthenticator authenticator, IOptions<CoEditOptions> options, TimeProvider time)
{
    private const string Bearer = "Bearer ";
    private const string BearerProtocol = "bearer.";

    private readonly TimeSpan _patience = options.Value.Limits.HandshakeTimeout;

    /// <summary>Who sends this request. The answer is kept for whoever asks again.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<AuthResult> OfAsync(HttpContext context)
    {
        if (context.Features.Get<AuthResult>() is { } known)
            return known;
        AuthResult result = await AuthenticateAsync(FindToken(context), context);
        context.Features.Set(result);
        return result;
    }

    /// <summary>Has a token judged that came by another way than the request.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<AuthResult> AuthenticateAsync(string? token, HttpContext context)
    {
        using var patience = new CancellationTokenSource(_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        try
        {
            return await authenticator.AuthenticateAsync(token, context, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return AuthResult.TimedOut();
        }
    }

    // A header is read for everything; what browsers need because they cannot set one on a socket, for sockets only.
    internal static string? FindToken(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return header[Bearer.Length..].Trim();
        if (!UpgradedSocket.IsRequested(context))
            return null;
        foreach (string offered in context.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol"))
        {
            if (offered.StartsWith(BearerProtocol, StringComparison.OrdinalIgnoreCase))
                return offered[BearerProtocol.Length..];
        }

        return context.Features.Get<QueryToken>()?.Value;
    }
}
