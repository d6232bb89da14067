namespace CoEdit.Server;

/// <summary>One document, as the HTTP API shows it.</summary>
/// <param name="Name">The document's name.</param>
/// <param name="Size">Bytes that it takes in the database.</param>
/// <param name="LastChange">When its last update was committed.</param>
/// <param name="Created">When its first update was committed.</param>
/// <param name="OpenPeers">Connections that have it open now.</param>
/// <param name="Epoch">Counts its lives: one more after each deletion.</param>
public sealed record DocumentInfo(string Name, long Size, DateTimeOffset LastChange, DateTimeOffset Created, int OpenPeers, long Epoch);
