namespace CoEdit.Protocol;

/// <summary>What a frame is, with message type and sync sub-type folded into one value to switch on.</summary>
public enum FrameKind
{
    /// <summary>A message type this version does not know. The receiver ignores the frame.</summary>
    Unknown = 0,

    /// <summary>Sync step 1; the payload is a state vector.</summary>
    SyncStep1,

    /// <summary>Sync step 2; the payload is an update v1.</summary>
    SyncStep2,

    /// <summary>A document update; the payload is an update v1.</summary>
    Update,

    /// <summary>An awareness message; the payload is an awareness update.</summary>
    Awareness,

    /// <summary>An auth message; the payload is all that follows the message type. A server ignores it.</summary>
    Auth,

    /// <summary>A request for all awareness states; no payload.</summary>
    QueryAwareness,
}
