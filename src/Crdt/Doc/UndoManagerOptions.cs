namespace CoEdit.Crdt;

/// <summary>How an <see cref="UndoManager"/> behaves.</summary>
public sealed record UndoManagerOptions
{
    /// <summary>Changes closer together than this are undone together. Default 500 ms; zero keeps every transaction apart.</summary>
    public TimeSpan CaptureTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Origins, or types of origins, whose transactions are recorded. By default only those without an origin (null).</summary>
    public IReadOnlyCollection<object?> TrackedOrigins { get; init; } = [null];

    /// <summary>Decides whether a transaction is recorded at all. Null records all that match.</summary>
    public Predicate<Transaction>? CaptureTransaction { get; init; }

    /// <summary>Decides whether undoing may delete an item, by its first unit. Null allows all.</summary>
    public Predicate<Id>? DeleteFilter { get; init; }

    /// <summary>Whether undoing overwrites what others have set under the same key since. Default false.</summary>
    public bool IgnoreRemoteMapChanges { get; init; }

    /// <summary>The clock for <see cref="CaptureTimeout"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
