using System.Threading.Channels;

namespace CoEdit.Persistence.Tests;

/// <summary>A failpoint that holds the writer at a named point until the test lets it go.</summary>
internal sealed class Gate(string point)
{
    private readonly Channel<bool> _arrivals = Channel.CreateUnbounded<bool>();
    private readonly object _lock = new();
    private int _passes;
    private bool _open;

    /// <summary>To be used as <see cref="StorageOptions.Failpoint"/>.</summary>
    public void Pass(string name)
    {
        if (name != point)
            return;
        lock (_lock)
        {
            if (_open)
                return;
            _arrivals.Writer.TryWrite(true);
            while (!_open && _passes == 0)
                Monitor.Wait(_lock);
            _passes--;
        }
    }

    /// <summary>Completes when the writer stands at the gate.</summary>
    public async Task Arrived() =>
        await _arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Lets the writer go once.</summary>
    public void LetOne() => Change(() => _passes++);

    /// <summary>Lets it go for good.</summary>
    public void Open() => Change(() => _open = true);

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Monitor.PulseAll(_lock);
        }
    }
}
