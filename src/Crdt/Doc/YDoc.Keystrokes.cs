namespace CoEdit.Crdt;

/// <summary>When an update may be applied without a transaction.</summary>
public sealed partial class YDoc
{
    // Nobody is told of transactions, and nothing waits for this update.
    private bool IsUnwatched =>
        Updated is null && UpdatedV2 is null && _observers == 0 && _current is null && _queue.Count == 0
        && BeforeAllTransactions is null && BeforeTransaction is null && BeforeObserverCalls is null && AfterTransaction is null
        && AfterTransactionCleanup is null && AfterAllTransactions is null
        && _pending is null && _pendingDeletes.Count == 0;

    private bool TryApplyKeystroke(ReadOnlySpan<byte> update)
    {
        if (!IsUnwatched)
            return false;
        return Store.TryAppendText(update, _clientId)
            || (_options.Gc && _options.GcFilter is null && Store.TryBackspace(update, _options.CleanupFormatting));
    }
}
