namespace CoEdit.Protocol;

/// <summary>The first number of every message of the y-websocket protocol.</summary>
public enum MessageType
{
    /// <summary>Document synchronisation, see <see cref="SyncMessageType"/>: <c>00 sub buf</c>.</summary>
    Sync = 0,

    /// <summary>Ephemeral states of clients, both ways: <c>01 buf(awareness update)</c>.</summary>
    Awareness = 1,

    /// <summary>Server to client only: <c>02 00 str(reason)</c>, access denied. Stock clients log it and stay connected.</summary>
    Auth = 2,

    /// <summary>Asks for every known awareness state: <c>03</c>. Answered with an <see cref="Awareness"/> message.</summary>
    QueryAwareness = 3,

    /// <summary>
    /// Server to client, only after the opt-in <c>?ack=1</c>: <c>64 u(n) u(0)</c>, the first n sync frames (step 2 or update) of this socket
    /// are on disk; <c>64 u(n) u(1) str(reason)</c>, frame n was refused.
    /// </summary>
    Acknowledgement = 100,

    /// <summary>Server to client, only after the opt-in <c>?ack=1</c>, as the first frame: <c>65 str(epoch)</c>.</summary>
    Epoch = 101,
}
