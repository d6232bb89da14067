namespace CoEdit.Persistence;

/// <summary>A stored document as lists show it.</summary>
/// <param name="Name">Its name, compared bytewise.</param>
/// <param name="Size">Bytes stored for it: folded state and log.</param>
/// <param name="Created">When its first update was stored (of this epoch).</param>
/// <param name="LastChange">When its last update was stored.</param>
/// <param name="Epoch">How many times a document of this name was deleted before.</param>
public sealed record DocumentSummary(string Name, long Size, DateTimeOffset Created, DateTimeOffset LastChange, long Epoch);
