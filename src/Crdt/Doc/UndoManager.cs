namespace CoEdit.Crdt;

/// <summary>Undoes and redoes the changes of some origins to some types, whatever others have changed in between.</summary>
/// <remarks>
/// What was deleted and may be undone is kept from being dropped. Nothing of the stacks is part of the document. Use it on the document's thread.
/// </remarks>
public sealed class UndoManager : IDisposable
{
    private readonly YDoc _doc;
    private readonly UndoManagerOptions _options;
    private readonly List<YType> _scope = [];
    private readonly HashSet<object> _origins = [];
    private readonly List<UndoStackItem> _undo = [];
    private readonly List<UndoStackItem> _redo = [];
    private bool _tracksNull;
    private readonly bool _wholeDocument;
    private bool _undoing;
    private bool _redoing;
    private long? _lastChange;
    private IReadOnlyList<YType> _changedByPop = [];
    private AncestorCache? _insideScope;

    /// <summary>Records changes of types and of everything in them.</summary>
    /// <exception cref="ArgumentException">There is no type, or a type is not part of a document.</exception>
    public UndoManager(IReadOnlyList<YType> scope, UndoManagerOptions? options = null)
        : this(DocumentOf(scope), options, wholeDocument: false)
    {
        foreach (YType type in scope)
            AddToScope(type);
    }

    /// <summary>Records changes of a whole document.</summary>
    public UndoManager(YDoc document, UndoManagerOptions? options = null)
        : this(document, options, wholeDocument: true)
    {
    }

    private UndoManager(YDoc document, UndoManagerOptions? options, bool wholeDocument)
    {
        ArgumentNullException.ThrowIfNull(document);
        _doc = document;
        _options = options ?? new UndoManagerOptions();
        _wholeDocument = wholeDocument;
        foreach (object? origin in _options.TrackedOrigins)
            AddTrackedOrigin(origin);
        _origins.Add(this);
        _doc.AfterTransaction += Record;
    }

    /// <summary>Raised when changes make a new item on a stack.</summary>
    public event Action<UndoEvent>? StackItemAdded;

    /// <summary>Raised when changes join the last item.</summary>
    public event Action<UndoEvent>? StackItemUpdated;

    /// <summary>Raised after an item was undone or redone.</summary>
    public event Action<UndoEvent>? StackItemPopped;

    /// <summary>Raised when stacks were emptied: the undo stack, the redo stack.</summary>
    public event Action<bool, bool>? StackCleared;

    /// <summary>True when <see cref="Undo"/> has something to try.</summary>
    public bool CanUndo => _undo.Count > 0;

    /// <summary>True when <see cref="Redo"/> has something to try.</summary>
    public bool CanRedo => _redo.Count > 0;

    /// <summary>What can be undone, the latest last.</summary>
    public IReadOnlyList<UndoStackItem> UndoStack => _undo;

    /// <summary>What can be redone, the latest last.</summary>
    public IReadOnlyList<UndoStackItem> RedoStack => _redo;

    /// <summary>The document.</summary>
    public YDoc Document => _doc;

    /// <summary>The types whose changes are recorded; none when it is the whole document.</summary>
    public IReadOnlyList<YType> Scope => _scope;

    /// <summary>True while <see cref="Undo"/> runs, its events included.</summary>
    public bool IsUndoing => _undoing;

    /// <summary>True while <see cref="Redo"/> runs, its events included.</summary>
    public bool IsRedoing => _redoing;

    /// <summary>What is being undone or redone now, or null.</summary>
    public UndoStackItem? CurrentStackItem { get; private set; }

    /// <summary>Records changes of one more type.</summary>
    /// <exception cref="ArgumentException">The type is not part of the document.</exception>
    public void AddToScope(YType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.Doc != _doc)
            throw new ArgumentException("The type is not part of the document.", nameof(type));
        if (!_scope.Contains(type))
        {
            _scope.Add(type);
            _insideScope?.Clear();
        }
    }

    /// <summary>Records the changes of one more origin, or of all origins of a <see cref="Type"/>.</summary>
    public void AddTrackedOrigin(object? origin)
    {
        if (origin is null)
            _tracksNull = true;
        else
            _origins.Add(origin);
    }

    /// <summary>Stops recording the changes of an origin.</summary>
    public void RemoveTrackedOrigin(object? origin)
    {
        if (origin is null)
            _tracksNull = false;
        else
            _origins.Remove(origin);
    }

    /// <summary>Undoes the last recorded changes that still have an effect.</summary>
    /// <returns>What was undone, or null when there was nothing.</returns>
    public UndoStackItem? Undo()
    {
        _undoing = true;
        try
        {
            return Pop(_undo, isRedo: false);
        }
        finally
        {
            _undoing = false;
            CurrentStackItem = null;
            _changedByPop = [];
        }
    }

    /// <summary>Redoes what was undone last.</summary>
    /// <returns>What was redone, or null when there was nothing.</returns>
    public UndoStackItem? Redo()
    {
        _redoing = true;
        try
        {
            return Pop(_redo, isRedo: true);
        }
        finally
        {
            _redoing = false;
            CurrentStackItem = null;
            _changedByPop = [];
        }
    }

    /// <summary>Makes the next change an item of its own.</summary>
    public void StopCapturing() => _lastChange = null;

    /// <summary>Forgets what could be undone or redone; its content may be dropped from then on.</summary>
    public void Clear(bool undoStack = true, bool redoStack = true)
    {
        if (!(undoStack && CanUndo) && !(redoStack && CanRedo))
            return;
        _doc.Transact(transaction =>
        {
            if (undoStack)
                Forget(transaction, _undo);
            if (redoStack)
                Forget(transaction, _redo);
            StackCleared?.Invoke(undoStack, redoStack);
        });
    }

    /// <summary>Stops recording.</summary>
    public void Dispose()
    {
        _doc.AfterTransaction -= Record;
        if (_insideScope is not null && !_doc.IsDisposed)
            _doc.Store.Drop(_insideScope);
        _insideScope = null;
    }

    private AncestorCache ScopeCache => _insideScope ??= _doc.Store.NewAncestorCache(type => _scope.Exists(member => member.Handle == type));

    private static YDoc DocumentOf(IReadOnlyList<YType> scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return scope.Count > 0 && scope[0].Doc is { } doc ? doc : throw new ArgumentException("A scope needs types of a document.", nameof(scope));
    }

    private void Record(Transaction transaction)
    {
        if (transaction.Origin == this && StackItemPopped is not null)
            _changedByPop = transaction.ChangedParentTypes;
        if (_options.CaptureTransaction?.Invoke(transaction) == false || !IsTracked(transaction.Origin) || !HasChangedScope(transaction))
            return;
        if (_undoing)
            StopCapturing();
        else if (!_redoing)
            Clear(undoStack: false);
        List<ClockRun> insertions = [];
        foreach (ref readonly Transaction.ClientChange change in transaction.Changes.Items)
            insertions.Add(new ClockRun(change.Client, change.Before, _doc.Store.Client(change.Client).State - change.Before));
        List<UndoStackItem> stack = _undoing ? _redo : _undo;
        long now = _options.Time.GetTimestamp();
        bool joins = !_undoing && !_redoing && stack.Count > 0
            && _lastChange is { } last && _options.Time.GetElapsedTime(last, now) < _options.CaptureTimeout;
        if (joins)
            stack[^1].Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(insertions), transaction.Deletes.Items);
        else
            stack.Add(new UndoStackItem(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(insertions), transaction.Deletes.Items));
        if (!_undoing && !_redoing)
            _lastChange = now;
        SetKeep(transaction, transaction.Deletes.Items.ToArray(), keep: true);
        if ((joins ? StackItemUpdated : StackItemAdded) is { } raise)
            raise(new UndoEvent(stack[^1], _undoing, transaction.Origin, transaction.ChangedParentTypes));
    }

    private bool IsTracked(object? origin) =>
        origin is null ? _tracksNull : _origins.Contains(origin) || _origins.Contains(origin.GetType());

    private bool HasChangedScope(Transaction transaction)
    {
        if (_wholeDocument)
            return true;
        foreach (int changed in transaction.ChangedTypes.Items)
        {
            if (!_doc.Store.IsTypeDeleted(changed) && ScopeCache.Nearest(changed) != StructStore.None)
                return true;
        }

        return false;
    }

    private bool IsInScope(int handle) => _wholeDocument || ScopeCache.Nearest(_doc.Store.Items[handle].Parent) != StructStore.None;

    private UndoStackItem? Pop(List<UndoStackItem> stack, bool isRedo)
    {
        UndoStackItem? done = null;
        Transaction transaction = _doc.Begin(this, local: true, out bool outermost);
        try
        {
            while (stack.Count > 0 && done is null)
            {
                UndoStackItem item = stack[^1];
                stack.RemoveAt(stack.Count - 1);
                CurrentStackItem = item;
                if (Revert(transaction, item))
                    done = item;
            }
        }
        finally
        {
            _doc.End(transaction, outermost);
        }

        if (done is not null)
            StackItemPopped?.Invoke(new UndoEvent(done, isRedo, this, _changedByPop));
        return done;
    }

    // Brings back what was deleted, then deletes what was inserted: last first, so that children go before what holds them.
    private bool Revert(Transaction transaction, UndoStackItem item)
    {
        StructStore store = _doc.Store;
        List<int> deleting = [];
        foreach (ClockRun run in item.Insertions)
        {
            int clock = run.Clock;
            while (store.NextInRun(transaction, run, ref clock) is var handle && handle != StructStore.None)
            {
                if (!store.Items[handle].IsGc)
                {
                    int live = store.Items[handle].Has(Item.Redone) ? store.FollowRedone(transaction, handle) : handle;
                    if (!store.Items[live].IsDeleted && IsInScope(live))
                        deleting.Add(live);
                }

                clock = store.Items[handle].End;
            }
        }

        HashSet<int> redoing = [];
        List<int> order = [];
        foreach (ClockRun run in item.Deletions)
        {
            int clock = run.Clock;
            while (store.NextInRun(transaction, run, ref clock) is var handle && handle != StructStore.None)
            {
                ref Item struc = ref store.Items[handle];
                clock = struc.End;
                if (!struc.IsGc && IsInScope(handle) && !UndoStackItem.Contains(item.Insertions, struc.Client, struc.Clock) && redoing.Add(handle))
                    order.Add(handle);
            }
        }

        bool changed = false;
        UndoScope scope = new(item, _undo, _redo, _options.IgnoreRemoteMapChanges);
        foreach (int handle in order)
            changed |= store.Redo(transaction, handle, redoing, scope) != StructStore.None;
        for (int i = deleting.Count - 1; i >= 0; i--)
        {
            if (_options.DeleteFilter?.Invoke(store.IdOf(store.Items[deleting[i]])) == false)
                continue;
            store.Delete(transaction, deleting[i]);
            changed = true;
        }

        return changed;
    }

    private void Forget(Transaction transaction, List<UndoStackItem> stack)
    {
        foreach (UndoStackItem item in stack)
            SetKeep(transaction, item.Deletions, keep: false);
        stack.Clear();
    }

    private void SetKeep(Transaction transaction, ClockRun[] runs, bool keep)
    {
        StructStore store = _doc.Store;
        foreach (ClockRun run in runs)
        {
            int clock = run.Clock;
            while (store.NextInRun(transaction, run, ref clock) is var handle && handle != StructStore.None)
            {
                if (!store.Items[handle].IsGc && IsInScope(handle))
                    store.SetKeep(handle, keep);
                clock = store.Items[handle].End;
            }
        }
    }
}
