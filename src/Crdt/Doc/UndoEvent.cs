namespace CoEdit.Crdt;

/// <summary>What happened to a stack of an <see cref="UndoManager"/>.</summary>
/// <param name="StackItem">The changes.</param>
/// <param name="IsRedo">For an added or updated item: whether it is on the redo stack. For one that was taken: whether it was redone.</param>
/// <param name="Origin">The origin of the transaction.</param>
/// <param name="ChangedParentTypes">The types that the transaction changed, and all that hold one of them: what an editor has to look at.</param>
public sealed record UndoEvent(UndoStackItem StackItem, bool IsRedo, object? Origin, IReadOnlyList<YType> ChangedParentTypes);
