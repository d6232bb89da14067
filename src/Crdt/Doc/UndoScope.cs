namespace CoEdit.Crdt;

/// <summary>What an undo in progress knows of the stacks: which items are going to be deleted or brought back anyway.</summary>
internal sealed class UndoScope(UndoStackItem current, List<UndoStackItem> undo, List<UndoStackItem> redo, bool ignoreRemoteMapChanges)
{
    public bool IgnoreRemoteMapChanges { get; } = ignoreRemoteMapChanges;

    public bool Undoes(in Item item) =>
        UndoStackItem.Contains(current.Insertions, item.Client, item.Clock) || AnyDeletes(undo, item) || AnyDeletes(redo, item);

    private static bool AnyDeletes(List<UndoStackItem> stack, in Item item)
    {
        foreach (UndoStackItem other in stack)
        {
            if (UndoStackItem.Contains(other.Deletions, item.Client, item.Clock))
                return true;
        }

        return false;
    }
}
