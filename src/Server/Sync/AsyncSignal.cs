using System.Threading.Tasks.Sources;

namespace CoEdit.Server;

/// <summary>Wakes one waiting loop, without allocating: an auto-reset event with a single waiter.</summary>
/// <remarks>
/// <see cref="Set"/> may be called from any thread, any number of times; <see cref="WaitAsync"/> only by the one loop that owns the signal.
/// The waiter continues on the thread pool, so that whoever sets the signal is never borrowed for the waiter's work.
/// </remarks>
internal sealed class AsyncSignal : IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private bool _set;
    private bool _waiting;

    public void Set()
    {
        bool wake;
        lock (_gate)
        {
            wake = _waiting;
            _waiting = false;
            _set = !wake;
        }

        if (wake)
            _core.SetResult(true);
    }

    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return ValueTask.CompletedTask;
            }

            _core.Reset();
            _waiting = true;
            return new ValueTask(this, _core.Version);
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
