namespace CoEdit.Crdt;

/// <summary>Marks in the document's history.</summary>
public sealed partial class YDoc
{
    /// <summary>The present state as a mark: what is known and what of it is deleted.</summary>
    public Snapshot GetSnapshot() => Store.GetSnapshot();

    /// <summary>A new document with the content of this one at the time of a snapshot.</summary>
    /// <param name="snapshot">A snapshot of this document or of a replica that knew no more than this one.</param>
    /// <param name="options">Options of the new document.</param>
    /// <exception cref="InvalidOperationException">This document drops deleted content, or the snapshot is of a later state.</exception>
    public YDoc Restore(Snapshot snapshot, YDocOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (Gc)
            throw new InvalidOperationException("A document that drops deleted content cannot be restored.");
        byte[] update = [];
        Transact(transaction => update = Store.EncodeSnapshot(transaction, snapshot));
        YDoc restored = new(options);
        restored.ApplyUpdate(update, "snapshot");
        return restored;
    }
}
