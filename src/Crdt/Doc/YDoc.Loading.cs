namespace CoEdit.Crdt;

/// <summary>What a provider tells an application about the content of a document.</summary>
/// <remarks>The document does nothing with it: a provider calls the two methods, an application waits or listens.</remarks>
public sealed partial class YDoc
{
    private TaskCompletionSource? _loading;
    private TaskCompletionSource? _syncing;

    /// <summary>Raised when <see cref="NotifyLoaded"/> is called.</summary>
    public event Action<YDoc>? Loaded;

    /// <summary>Raised when <see cref="NotifySynced"/> is called, with what it was told.</summary>
    public event Action<bool, YDoc>? Synced;

    /// <summary>True once a provider has put stored content into the document.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>True while a provider is in step with its peer.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>Completes when the document is loaded.</summary>
    public Task WhenLoaded => Completion(ref _loading, IsLoaded);

    /// <summary>Completes when the document is in step with a peer. After a loss of the connection it is another task.</summary>
    public Task WhenSynced => Completion(ref _syncing, IsSynced);

    /// <summary>For providers: stored content has been applied.</summary>
    public void NotifyLoaded()
    {
        IsLoaded = true;
        _loading?.TrySetResult();
        Loaded?.Invoke(this);
    }

    /// <summary>For providers: the document has come in step with a peer (and so is loaded too), or is no longer.</summary>
    public void NotifySynced(bool synced = true)
    {
        if (!synced && IsSynced)
            _syncing = null;
        IsSynced = synced;
        if (synced)
        {
            if (!IsLoaded)
                NotifyLoaded();
            _syncing?.TrySetResult();
        }

        Synced?.Invoke(synced, this);
    }

    // Who waits goes on somewhere else, not inside the provider's call.
    private static Task Completion(ref TaskCompletionSource? source, bool done)
    {
        source ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (done)
            source.TrySetResult();
        return source.Task;
    }
}
