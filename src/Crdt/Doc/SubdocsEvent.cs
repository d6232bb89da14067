namespace CoEdit.Crdt;

/// <summary>How a transaction changed the set of subdocuments.</summary>
/// <param name="Added">Documents that are new in the document.</param>
/// <param name="Removed">Documents that were deleted or replaced; they are destroyed after the event.</param>
/// <param name="Loaded">Documents whose content is wanted from now on.</param>
public sealed record SubdocsEvent(IReadOnlyList<YDoc> Added, IReadOnlyList<YDoc> Removed, IReadOnlyList<YDoc> Loaded);
