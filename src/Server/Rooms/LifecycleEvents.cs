using MediatR;

namespace CoEdit.Server;

/// <summary>A document was loaded and its room is open.</summary>
public sealed record RoomOpened(string Document, int Updates, long Bytes) : INotification;

/// <summary>A room was unloaded; everything it had accepted is committed.</summary>
public sealed record RoomClosed(string Document) : INotification;

/// <summary>A connection entered a room.</summary>
public sealed record PeerJoined(string Document, long Peer, string? Principal) : INotification;

/// <summary>A connection left a room.</summary>
public sealed record PeerLeft(string Document, long Peer) : INotification;

/// <summary>A document's log was folded into a snapshot.</summary>
public sealed record Folded(string Document, long ThroughSequence, long SnapshotBytes) : INotification;

/// <summary>A document was deleted; its past stays refused.</summary>
public sealed record DocumentDeleted(string Document) : INotification;
