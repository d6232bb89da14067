using System.Runtime.ExceptionServices;

namespace CoEdit.Crdt;

/// <summary>Telling observers what a transaction has changed.</summary>
public sealed partial class YDoc
{
    private AncestorCache? _deepObservers;

    /// <summary>
    /// True when someone may look at the structs of a transaction before its commit joins them: an observer, or an earlier transaction whose
    /// update is still to be written.
    /// </summary>
    internal bool IsWatched => IsObserved || BeforeObserverCalls is not null || AfterTransaction is not null || _queue.Count > 1;

    /// <summary>True when a deletion may be collected and joined at once: it is all the transaction does, and nobody sees it half done.</summary>
    internal bool MaySettle(Transaction transaction) =>
        _options.Gc && _options.GcFilter is null && !IsWatched && transaction.Deletes.Count + transaction.Changes.Count + transaction.MergeCandidates.Count == 0;

    /// <summary>A type has got its first deep observer or lost its last one, or a type with some has come into the document.</summary>
    internal void DeepObserversChanged() => _deepObservers?.Clear();

    internal bool IsCommitting(Transaction transaction) => _queue.Contains(transaction);

    internal int ClockBefore(Transaction transaction, ClientStructs structs)
    {
        for (int i = _queue.IndexOf(transaction); i >= 0 && i < _queue.Count; i++)
        {
            if (_queue[i].TryGetChange(structs, out int before))
                return before;
        }

        return structs.State;
    }

    // A later transaction of the same chain has noted what it found; before it, the clock was that.
    internal int ClockAfter(Transaction transaction, ClientStructs structs)
    {
        for (int i = _queue.IndexOf(transaction) + 1; i > 0 && i < _queue.Count; i++)
        {
            if (_queue[i].TryGetChange(structs, out int before))
                return before;
        }

        return structs.State;
    }

    internal int PlaceInQueue(Transaction transaction) => _queue.IndexOf(transaction);

    /// <summary>A transaction that is being committed, or one that observers have started since; null behind the last one.</summary>
    internal Transaction? InQueue(int place) => place >= 0 && place < _queue.Count ? _queue[place] : null;

    private void CallObservers(Transaction transaction, ref ExceptionDispatchInfo? failure)
    {
        List<YEvent>? events = null;
        for (int i = 0; i < transaction.ChangedTypes.Count; i++)
        {
            int type = transaction.ChangedTypes[i];
            if (Store.IsTypeDeleted(type))
                continue;
            ref TypeNode node = ref Store.Type(type);
            if (!transaction.IsLocal && node.HasFormatting && node.Ref is YType.TextRef or YType.XmlTextRef)
                transaction.NeedsFormattingCleanup |= _options.CleanupFormatting;
            if (!IsObserved || node.Ref == TypeNode.Untyped)
                continue;
            YEvent change = new(transaction, Store.Face(type));
            (events ??= []).Add(change);
            if (change.Target.ObservedHandlers is { } handlers)
                Call(handlers, change, ref failure);
        }

        if (events is not null)
            CallDeepObservers(events, ref failure);
    }

    private void CallDeepObservers(List<YEvent> events, ref ExceptionDispatchInfo? failure)
    {
        // A type and those that hold it, in the order in which Yjs meets them.
        AncestorCache observers = _deepObservers ??= Store.NewAncestorCache(IsDeeplyObserved);
        OrderedDictionary<int, List<YEvent>> observed = [];
        foreach (YEvent change in events)
        {
            for (int type = observers.Nearest(change.Target.Handle); type != StructStore.None; type = observers.NearestAbove(type))
            {
                if (!observed.TryGetValue(type, out List<YEvent>? own))
                    observed.Add(type, own = []);
                own.Add(change);
            }
        }

        foreach ((int type, List<YEvent> all) in observed)
        {
            if (Store.Type(type).Face is not { } face || Store.IsTypeDeleted(type) || face.ObservedDeepHandlers is not { } handlers)
                continue;
            List<YEvent> live = all.FindAll(change => !change.Target.IsDeleted);
            foreach (YEvent change in live)
                change.CurrentTarget = face;
            List<YEvent> sorted = [.. live.OrderBy(change => observers.Depth(change.Target.Handle))];
            if (sorted.Count > 0)
                Call(handlers, sorted, ref failure);
        }
    }

    private bool IsDeeplyObserved(int type) => Store.Type(type).Face is { ObservedDeepHandlers: not null };

    private static void Call<TEvent>(Action<TEvent> handlers, TEvent change, ref ExceptionDispatchInfo? failure)
    {
        foreach (Action<TEvent> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(change);
            }
            catch (Exception exception)
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
    }
}
