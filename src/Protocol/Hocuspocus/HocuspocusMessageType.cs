namespace CoEdit.Protocol;

/// <summary>The number behind the address of a message of the Hocuspocus protocol.</summary>
public enum HocuspocusMessageType
{
    /// <summary>Sync step 1, step 2 or an update, both ways: as in the y-websocket protocol.</summary>
    Sync = 0,

    /// <summary>Ephemeral states of clients, both ways: as in the y-websocket protocol.</summary>
    Awareness = 1,

    /// <summary>Proof of identity and its answer, both ways: <c>02 u(sub-type) …</c>, see <see cref="HocuspocusAuthType"/>.</summary>
    Auth = 2,

    /// <summary>Asks for every known awareness state: <c>03</c>. Answered with an <see cref="Awareness"/> message.</summary>
    QueryAwareness = 3,

    /// <summary>A sync message whose step 1 is not answered by a question in return. From other servers; never sent to a client.</summary>
    SyncReply = 4,

    /// <summary>An opaque message of the application, both ways: <c>05 str</c>.</summary>
    Stateless = 5,

    /// <summary>Between servers only. From a client it is an attempt to speak for the server.</summary>
    BroadcastStateless = 6,

    /// <summary>Leaves one document: <c>07</c> from a client, <c>07 str(reason)</c> to it. Provider 2 breaks on it.</summary>
    Close = 7,

    /// <summary>Server to client: <c>08 01</c>, one step 2 or update is kept; <c>08 00</c>, it is not.</summary>
    SyncStatus = 8,

    /// <summary>Server to client: the whole message is <c>09</c>, without an address. Only provider 4 knows it.</summary>
    Ping = 9,

    /// <summary>Client to server: the whole message is <c>0a</c>, without an address.</summary>
    Pong = 10,
}
