namespace CoEdit.Protocol;

/// <summary>Limits and times of one <see cref="AwarenessTable"/>.</summary>
public sealed class AwarenessOptions
{
    /// <summary>
    /// How long a state lives without being refreshed. Default 30 s, the time after which clients drop each other; they refresh themselves
    /// every 15 s.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The largest state, in bytes of JSON text. Default 16,384: names, colours and cursors take a few hundred, a drawing tool's selection
    /// of 200 shapes about 6,000. A larger state is dropped without an answer: closing the peer would make it reconnect and send the same
    /// again, and a presence too large is no reason to interrupt the user's editing.
    /// </summary>
    public int MaxStateBytes { get; init; } = 16_384;

    /// <summary>
    /// How many states a room holds. Default 2,048. Relayed states may fill half of it, the rest is kept for sockets that announce
    /// themselves; what does not fit is dropped. A message with more than twice as many entries is malformed.
    /// </summary>
    public int MaxClients { get; init; } = 2_048;

    /// <summary>
    /// For how many removed clients the room remembers the clock, about 100 bytes each. Default 4,096; the ones removed longest ago are
    /// forgotten first, after which an old announcement of theirs would be accepted again, for <see cref="Timeout"/> at most.
    /// </summary>
    public int MaxRemovedClients { get; init; } = 4_096;

    /// <summary>How many foreign states one socket may keep alive at a time (tabs of one browser relay each other). Default 32.</summary>
    public int MaxRelayedIds { get; init; } = 32;

    /// <summary>The shortest time between two rounds in which a room asks everybody to announce themselves anew. Default 1 s.</summary>
    public TimeSpan MinNudgeInterval { get; init; } = TimeSpan.FromSeconds(1);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStateBytes, 2); // "{}"
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxClients, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxClients, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRemovedClients);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRelayedIds);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinNudgeInterval, TimeSpan.Zero);
    }
}
