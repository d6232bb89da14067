using System.Runtime.ExceptionServices;

namespace CoEdit.Crdt;

/// <summary>Transactions: one at a time, nested ones join; those that observers start run one after the other behind the first.</summary>
public sealed partial class YDoc
{
    private readonly List<Transaction> _queue = [];
    private readonly List<ClockPoint> _starts = [];
    private readonly ByteBuffer _updateBuffer = new();
    private Transaction? _current;
    private Transaction? _spare;
    private int _numbers;

    /// <summary>Raised after each transaction that changed something, with the update v1. The memory is valid during the call only.</summary>
    public event Action<ReadOnlyMemory<byte>, Transaction>? Updated;

    /// <summary>Raised like <see cref="Updated"/>, with the update v2.</summary>
    public event Action<ReadOnlyMemory<byte>, Transaction>? UpdatedV2;

    /// <summary>Raised before the first of a chain of transactions.</summary>
    public event Action<YDoc>? BeforeAllTransactions;

    /// <summary>Raised when a transaction begins.</summary>
    public event Action<Transaction>? BeforeTransaction;

    /// <summary>Raised when a transaction's changes are made, before the observers of types.</summary>
    public event Action<Transaction>? BeforeObserverCalls;

    /// <summary>Raised after the observers of types.</summary>
    public event Action<Transaction>? AfterTransaction;

    /// <summary>Raised after deleted content was dropped.</summary>
    public event Action<Transaction>? AfterTransactionCleanup;

    /// <summary>Raised after the last of a chain of transactions.</summary>
    public event Action<YDoc>? AfterAllTransactions;

    /// <summary>Raised when subdocuments were added, removed or asked for.</summary>
    public event Action<SubdocsEvent, Transaction>? SubdocsChanged;

    /// <summary>Raised by <see cref="Destroy"/>.</summary>
    public event Action<YDoc>? Destroyed;

    /// <summary>Makes changes that become one update. Inside another transaction the changes join it.</summary>
    /// <param name="changes">Makes the changes. What it did before an exception stays done.</param>
    /// <param name="origin">Shown to handlers, to tell where a change came from.</param>
    public void Transact(Action<Transaction> changes, object? origin = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Transaction transaction = Begin(origin, local: true, out bool outermost);
        try
        {
            changes(transaction);
        }
        finally
        {
            End(transaction, outermost);
        }
    }

    /// <summary>Makes changes that become one update, and hands on what <paramref name="changes"/> returns.</summary>
    /// <inheritdoc cref="Transact(Action{Transaction}, object?)"/>
    public TResult Transact<TResult>(Func<Transaction, TResult> changes, object? origin = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Transaction transaction = Begin(origin, local: true, out bool outermost);
        try
        {
            return changes(transaction);
        }
        finally
        {
            End(transaction, outermost);
        }
    }

    private void ForgetHandlers()
    {
        Updated = UpdatedV2 = null;
        BeforeAllTransactions = AfterAllTransactions = Destroyed = null;
        BeforeTransaction = BeforeObserverCalls = AfterTransaction = AfterTransactionCleanup = null;
        SubdocsChanged = null;
        Loaded = null;
        Synced = null;
    }

    internal Transaction Begin(object? origin, bool local, out bool outermost)
    {
        outermost = _current is null;
        if (!outermost)
            return _current!;
        Transaction transaction = _spare ?? new Transaction(this);
        _spare = null;
        transaction.Begin(++_numbers, origin, local);
        _current = transaction;
        _queue.Add(transaction);
        try
        {
            if (_queue.Count == 1)
                BeforeAllTransactions?.Invoke(this);
            BeforeTransaction?.Invoke(transaction);
            return transaction;
        }
        catch
        {
            // Nothing has changed yet, so the transaction never was.
            _current = null;
            _queue.Remove(transaction);
            throw;
        }
    }

    internal void End(Transaction transaction, bool outermost)
    {
        if (!outermost)
            return;
        _current = null;
        if (_queue[0] != transaction)
            return;
        ExceptionDispatchInfo? failure = null;
        for (int i = 0; i < _queue.Count; i++)
            Commit(_queue[i], ref failure);
        Transaction last = _queue[^1];
        _queue.Clear();
        AfterAllTransactions?.Invoke(this);
        last.Reset();
        _spare = last;
        failure?.Throw();
    }

    // A handler that throws keeps neither the other handlers nor the clean-up from running; the first exception surfaces at the end.
    private void Commit(Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        if (!transaction.IsSettled)
            Settle(transaction, ref failure);
        Call(AfterTransactionCleanup, transaction, ref failure);
        EmitUpdates(transaction, ref failure);
        try
        {
            CommitSubdocs(transaction);
        }
        catch (Exception exception)
        {
            failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void Settle(Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        transaction.SortDeletes();
        Call(BeforeObserverCalls, transaction, ref failure);
        CallObservers(transaction, ref failure);
        Call(AfterTransaction, transaction, ref failure);
        if (transaction.NeedsFormattingCleanup)
            Store.CleanupFormatting(transaction);
        if (_options.Gc && transaction.HasNewlyDeleted)
            Store.CollectDeleted(transaction, _options.GcFilter);
        Store.MergeChanged(transaction);
        CompactStore(transaction);
        if (!transaction.IsLocal && Store.FindClient(_clientId) is { } own && transaction.HasChanged(own))
            ChangeClient(RandomClientId());
    }

    private void CompactStore(Transaction transaction)
    {
        foreach (ref readonly ClockRun run in transaction.Deletes.Items)
            Store.CompactContents(Store.Client(run.Client));
        Store.CompactArena();
    }

    private void EmitUpdates(Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        if ((Updated is null && UpdatedV2 is null) || (transaction.Deletes.Count == 0 && transaction.Changes.Count == 0))
            return;
        FillStarts(transaction);
        if (Updated is not null)
        {
            _updateBuffer.Clear();
            if (TryEncode(transaction, ref failure))
                Raise(Updated, transaction, ref failure);
        }

        if (UpdatedV2 is not null)
        {
            _updateBuffer.Clear();
            Store.EncodeV2(_updateBuffer, _starts, transaction.Deletes.Items);
            Raise(UpdatedV2, transaction, ref failure);
        }
    }

    // A value that came in an update v2 may have no form in v1. As in Yjs the transaction stands and the caller gets the exception.
    private bool TryEncode(Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        try
        {
            Store.EncodeTransaction(_updateBuffer, _starts, transaction);
            return true;
        }
        catch (InvalidOperationException exception)
        {
            failure ??= ExceptionDispatchInfo.Capture(exception);
            return false;
        }
    }

    // The update goes from the state before the transaction to the present one, which includes what its observers have changed since.
    private void FillStarts(Transaction transaction)
    {
        _starts.Clear();
        int first = _queue.IndexOf(transaction);
        HashSet<int>? known = first + 1 < _queue.Count ? [] : null;
        for (int i = first; i < _queue.Count; i++)
        {
            foreach (ref readonly Transaction.ClientChange change in _queue[i].Changes.Items)
            {
                if (known is null || known.Add(change.Client))
                    _starts.Add(new ClockPoint(change.Client, change.Before));
            }
        }
    }

    private void Raise(Action<ReadOnlyMemory<byte>, Transaction> handlers, Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        foreach (Action<ReadOnlyMemory<byte>, Transaction> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(_updateBuffer.WrittenMemory, transaction);
            }
            catch (Exception exception)
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
    }

    private static void Call(Action<Transaction>? handlers, Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        if (handlers is null)
            return;
        foreach (Action<Transaction> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(transaction);
            }
            catch (Exception exception)
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
    }
}
