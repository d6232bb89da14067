namespace CoEdit.Protocol;

/// <summary>The WebSocket close codes CoEdit sends, and whether a client should come back after them.</summary>
/// <remarks>
/// Permanent means 4400-4499: the same request would fail again, and y-websocket 3.1 and later stops for good. y-websocket before 3.1
/// reconnects after every code. Codes below 4000 are those of RFC 6455 and the IANA registry; clients treat all of them as transient.
/// </remarks>
public static class CloseCode
{
    /// <summary>1001, transient: the server is stopping, or the room was closed by its operator.</summary>
    public const int GoingAway = 1001;

    /// <summary>1002, transient: a message whose framing is broken (empty, truncated, unknown sync sub-type).</summary>
    public const int ProtocolError = 1002;

    /// <summary>1003, transient: a text message; this protocol is binary.</summary>
    public const int UnsupportedData = 1003;

    /// <summary>1007, transient: an update, state vector or awareness update is malformed, in sound framing. Nothing was changed.</summary>
    public const int MalformedPayload = 1007;

    /// <summary>1009, transient: a message above the size limit, refused before it was buffered.</summary>
    public const int MessageTooBig = 1009;

    /// <summary>1012, transient: the server restarts; come back at once.</summary>
    public const int ServiceRestart = 1012;

    /// <summary>1013, transient: overload, a peer that reads too slowly, or storage that is not available; come back later.</summary>
    public const int TryAgainLater = 1013;

    /// <summary>4205, transient: a Hocuspocus socket sent more than it may before it is let into a document.</summary>
    public const int ResetConnection = 4205;

    /// <summary>4400, permanent: the request or the document name is not acceptable.</summary>
    public const int BadRequest = 4400;

    /// <summary>4401, permanent: not authenticated, or the token has expired.</summary>
    public const int Unauthorized = 4401;

    /// <summary>4403, permanent: access to this document is forbidden or was revoked.</summary>
    public const int Forbidden = 4403;

    /// <summary>4404, permanent: the document was deleted; the client's copy belongs to the deleted document.</summary>
    public const int DocumentDeleted = 4404;

    /// <summary>4408: a Hocuspocus socket was let into no document in time. Its providers, the only ones to see it, come back.</summary>
    public const int ConnectionTimeout = 4408;

    /// <summary>4409, permanent: the client's copy contradicts the document's history (another epoch, or a forked client id).</summary>
    public const int Conflict = 4409;

    /// <summary>4413, permanent: refused by a limit that trying again will not change (document size, nesting, number of roots).</summary>
    public const int LimitExceeded = 4413;

    /// <summary>4508, transient: the handshake or the authentication took too long.</summary>
    public const int TimedOut = 4508;

    /// <summary>True for 4400-4499: a client that knows the convention does not reconnect.</summary>
    public static bool IsPermanent(int closeCode) => closeCode is >= 4400 and < 4500;
}
