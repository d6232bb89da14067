namespace CoEdit.Persistence;

/// <summary>What storage knows about a document at the moment it is opened.</summary>
/// <param name="Log">The handle for everything that is written while the document is open.</param>
/// <param name="Updates">
/// The folded state, if there is one, then every logged update in the order of its commit. Together they are the document. The
/// memory belongs to the caller.
/// </param>
/// <param name="Created">When the first update was stored; null for a document that has none or was deleted.</param>
/// <param name="LastChange">When the last update was stored; null for a document that has none or was deleted.</param>
public sealed record LoadedDocument(
    DocumentLog Log,
    IReadOnlyList<ReadOnlyMemory<byte>> Updates,
    DateTimeOffset? Created,
    DateTimeOffset? LastChange);
