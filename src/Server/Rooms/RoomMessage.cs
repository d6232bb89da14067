namespace CoEdit.Server;

/// <summary>The few things a room can be told.</summary>
internal enum RoomMessageKind
{
    /// <summary>A peer wants in. Answered through <see cref="RoomMessage.Reply"/> with a <see cref="JoinResult"/>.</summary>
    Join,

    /// <summary>A peer's connection has ended.</summary>
    Leave,

    /// <summary>A peer sent one whole message.</summary>
    Frame,

    /// <summary>The same, but a step 1 in it is not answered by a question in return.</summary>
    SyncReply,

    /// <summary>The application has something to say to some peers: a <see cref="StatelessDelivery"/>.</summary>
    Stateless,

    /// <summary>A peer that overflowed has sent all it had.</summary>
    Drained,

    /// <summary>The log committed something a waiting message depends on.</summary>
    Committed,

    /// <summary>Time has passed.</summary>
    Tick,

    /// <summary>Somebody wants the document's bytes. Answered with a <see cref="DocumentState"/> once they are durable.</summary>
    ReadState,

    /// <summary>The document is to be deleted. Answered with true, or false if there is none.</summary>
    Delete,

    /// <summary>Somebody wants to look up everybody's rights. Answered with a list of <see cref="HeldRights"/>.</summary>
    ListRights,

    /// <summary>A peer's rights were looked up, or it proved anew who it is: <see cref="RoomMessage.Reply"/> holds <see cref="NewRights"/>.</summary>
    Rights,

    /// <summary>An operator wants to see who is there. Answered with a list of <see cref="PeerInfo"/>.</summary>
    ListPeers,

    /// <summary>An operator wants somebody out: a <see cref="KickOrder"/>.</summary>
    Kick,

    /// <summary>A fold has ended, well or not.</summary>
    Folded,

    /// <summary>The server stops: commit, close every peer, unload.</summary>
    Shutdown,
}

/// <summary>One entry of a room's inbox.</summary>
internal readonly record struct RoomMessage(RoomMessageKind Kind, Peer? Peer = null, byte[]? Frame = null, object? Reply = null);

/// <summary>How a join ended.</summary>
internal enum JoinOutcome
{
    /// <summary>The peer is in.</summary>
    Joined,

    /// <summary>The room is going away; a new one of the same name will open.</summary>
    RoomClosed,

    /// <summary>The document could not be loaded.</summary>
    LoadFailed,

    /// <summary>The room has as many peers as it may have.</summary>
    Full,

    /// <summary>The server stops.</summary>
    ShuttingDown,
}

/// <summary>How a join ended and, when it failed, why in one sentence.</summary>
internal readonly record struct JoinResult(JoinOutcome Outcome, string? Error = null);

/// <summary>A document's full state as one update; <see cref="Exists"/> is false when nothing was ever written.</summary>
internal sealed record DocumentState(bool Exists, byte[] Update, int Peers);
