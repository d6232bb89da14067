using CoEdit.Crdt;

namespace CoEdit.Server;

/// <summary>Notices that a document waits for structs that do not come, and says when to ask for them (spec SYN8).</summary>
/// <remarks>
/// Owned by the loop of one room. Out-of-order delivery mends itself within moments; what is still missing after some seconds was lost on
/// its way, and a step 1 makes whoever has it send it again. Nobody is blamed: a gap proves nothing.
/// </remarks>
internal sealed class DivergenceWatch
{
    internal const int AskSenderAfterMs = 3_000;
    internal const int AskEverybodyAfterMs = 10_000;
    internal const int AskAgainEveryMs = 60_000;

    private long _since;
    private long _sender;
    private long _nextAt;
    private Step _next;

    /// <summary>What to do about what is missing.</summary>
    internal enum Step
    {
        Nothing,
        AskSender,
        AskEverybody,
    }

    public bool IsWatching { get; private set; }

    /// <summary>Looks at the store after an update.</summary>
    public void Note(UpdateStore store, long sender, long nowMs)
    {
        if (!store.HasPending)
        {
            IsWatching = false;
            return;
        }

        if (!IsWatching)
        {
            IsWatching = true;
            _since = nowMs;
            _next = Step.AskSender;
            _nextAt = nowMs + AskSenderAfterMs;
        }

        if (_next == Step.AskSender)
            _sender = sender; // the latest is the likeliest to have the rest
    }

    /// <summary>What is due now. The next step is set, so that nobody is asked in a loop.</summary>
    public Step Check(long nowMs, out long sender)
    {
        sender = _sender;
        if (!IsWatching || nowMs < _nextAt)
            return Step.Nothing;
        Step due = _next;
        _next = Step.AskEverybody;
        _nextAt = due == Step.AskSender ? _since + AskEverybodyAfterMs : nowMs + AskAgainEveryMs;
        return due;
    }
}
