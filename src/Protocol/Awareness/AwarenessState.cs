namespace CoEdit.Protocol;

/// <summary>One client's current awareness state.</summary>
/// <param name="ClientId">The client, below 2^53.</param>
/// <param name="Clock">How often the client has announced itself.</param>
/// <param name="Json">The state as the client wrote it: JSON text in UTF-8, never <c>null</c>.</param>
public readonly record struct AwarenessState(ulong ClientId, ulong Clock, ReadOnlyMemory<byte> Json);
