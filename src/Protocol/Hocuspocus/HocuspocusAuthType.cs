namespace CoEdit.Protocol;

/// <summary>The second number of a <see cref="HocuspocusMessageType.Auth"/> message.</summary>
public enum HocuspocusAuthType
{
    /// <summary>From a client, its token: <c>02 00 str(token) [str(version)]</c>. To a client, <c>02 00</c> asks for it again.</summary>
    Token = 0,

    /// <summary>To a client: <c>02 01 str(reason)</c>, it is not let into this document.</summary>
    PermissionDenied = 1,

    /// <summary>To a client: <c>02 02 str("read-write" | "readonly")</c>.</summary>
    Authenticated = 2,
}
