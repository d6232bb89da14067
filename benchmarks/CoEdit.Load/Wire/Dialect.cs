namespace CoEdit.Load;

/// <summary>What is spoken on a socket.</summary>
internal enum Dialect
{
    /// <summary>One room per socket; the server speaks first.</summary>
    YWebSocket,

    /// <summary>Every message starts with the name of its document; authentication, and one acknowledgement per update.</summary>
    Hocuspocus,

    /// <summary>The frames of y-websocket, but nobody answers: the server hands every frame to everybody else.</summary>
    Broadcast,
}
