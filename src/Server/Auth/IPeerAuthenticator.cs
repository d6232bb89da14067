namespace CoEdit.Server;

/// <summary>Finds out who a caller is. Register another one before or after <c>AddCoEdit</c> to replace the built-in JSON Web Tokens.</summary>
public interface IPeerAuthenticator
{
    /// <summary>Judges <paramref name="token"/>. Called from any thread, also for a second token on a socket that is open already.</summary>
    /// <param name="token">
    /// What the caller sent: in an authentication message, a header, a subprotocol or the query. Null when it sent none.
    /// </param>
    /// <param name="context">The request that the socket or HTTP call began with.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<AuthResult> AuthenticateAsync(string? token, HttpContext context, CancellationToken cancellationToken);
}
