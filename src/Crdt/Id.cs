namespace CoEdit.Crdt;

/// <summary>Names one element of a document for ever: the client that made it and that client's clock at the time.</summary>
/// <param name="Client">The author, below 2^53. A person who opens three tabs is three clients.</param>
/// <param name="Clock">Counts UTF-16 units and elements per client, from 0.</param>
public readonly record struct Id(ulong Client, uint Clock);
