namespace CoEdit.Server;

/// <summary>A document that is open in memory, as operators see it.</summary>
/// <param name="Name">The document's name.</param>
/// <param name="PeerCount">How many clients are in it.</param>
/// <param name="Size">Bytes of the document in memory.</param>
/// <param name="PendingStructs">Structs that wait for updates they depend on.</param>
/// <param name="Peers">Who is in it; null when the room was too busy to answer within two seconds (it may be loading).</param>
public sealed record RoomInfo(string Name, int PeerCount, long Size, int PendingStructs, IReadOnlyList<PeerInfo>? Peers);

/// <summary>A client of an open document.</summary>
/// <param name="Id">Its number, unique as long as the server runs.</param>
/// <param name="Principal">Who it is; null while everybody is let in.</param>
/// <param name="Protocol"><c>y-websocket</c> or <c>hocuspocus</c>.</param>
/// <param name="Rights"><c>read</c> or <c>write</c>.</param>
/// <param name="Since">When it came in.</param>
/// <param name="BytesReceived">What its socket has sent us. Documents of one Hocuspocus socket share it.</param>
/// <param name="BytesSent">What was sent to its socket.</param>
/// <param name="IsLagging">It is behind and is owed a diff, or is in its first synchronisation.</param>
public sealed record PeerInfo(
    long Id, string? Principal, string Protocol, string Rights, DateTimeOffset Since, long BytesReceived, long BytesSent, bool IsLagging);
