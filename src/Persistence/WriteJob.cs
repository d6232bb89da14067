namespace CoEdit.Persistence;

/// <summary>Something other than an update that the writer does in its turn, in a transaction of its own.</summary>
internal abstract class WriteJob
{
    /// <summary>Does it and lets the waiter continue; if it throws, nothing was committed and <see cref="Fail"/> must follow.</summary>
    public abstract void Execute(WriterConnection connection);

    public abstract void Fail(Exception reason);
}

/// <inheritdoc/>
/// <param name="work">Runs inside the transaction.</param>
/// <param name="committed">Runs on the writer thread after the commit and before the waiter continues.</param>
internal sealed class WriteJob<T>(Func<WriterConnection, T> work, Action<T>? committed) : WriteJob
{
    // The waiter's code must not run on the writer thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;

    public Task<T> Done => _done.Task;

    /// <summary>Takes the job back if it hasn't begun.</summary>
    public void Cancel(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
            _done.SetCanceled(ct);
    }

    public override void Execute(WriterConnection connection)
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
            return;
        var result = connection.InTransaction(work);
        committed?.Invoke(result);
        _done.SetResult(result);
    }

    public override void Fail(Exception reason) => _done.TrySetException(reason);
}
