using System.Globalization;

namespace CoEdit.Crdt;

/// <summary>How a transaction changed one shared type.</summary>
/// <remarks>
/// Valid while the observers of its transaction run, before deleted content is dropped. What is asked for is computed then, from the document, and
/// changes nothing.
/// </remarks>
public sealed class YEvent
{
    private readonly int _number;
    private readonly int _type;
    private IReadOnlyList<YDeltaOp>? _delta;
    private IReadOnlyDictionary<string, YKeyChange>? _keys;

    internal YEvent(Transaction transaction, YType target)
    {
        Transaction = transaction;
        Target = target;
        CurrentTarget = target;
        _number = transaction.Number;
        _type = target.Handle;
    }

    /// <summary>The transaction.</summary>
    public Transaction Transaction { get; }

    /// <summary>The type that changed.</summary>
    public YType Target { get; }

    /// <summary>The type whose observer is called: the target or, for deep observers, one that holds it.</summary>
    public YType CurrentTarget { get; internal set; }

    /// <summary>True when the text or list changed, false when only keys or attributes did.</summary>
    public bool ChildListChanged => ChangedKeys().Contains(-1);

    /// <summary>Index or key of each step from <see cref="CurrentTarget"/> to <see cref="Target"/>.</summary>
    public IReadOnlyList<YValue> Path
    {
        get
        {
            CheckValid();
            StructStore store = Store;
            List<YValue> path = [];
            for (int type = _type; type != CurrentTarget.Handle && store.Type(type).Owner is var owner && owner != StructStore.None;)
            {
                ref Item item = ref store.Items[owner];
                path.Add(item.IsKeyed ? store.Keys.Text(item.Aux) : store.IndexOf(owner));
                type = item.Parent;
            }

            path.Reverse();
            return path;
        }
    }

    /// <summary>The keys that changed, with what happened to each.</summary>
    public IReadOnlyDictionary<string, YKeyChange> Keys
    {
        get
        {
            if (_keys is null)
            {
                CheckValid();
                _keys = ReadKeys();
            }

            return _keys;
        }
    }

    /// <summary>The keys or attributes that were touched, even if nothing came of it.</summary>
    public IReadOnlySet<string> KeysChanged => ChangedKeys().Where(key => key >= 0).Select(Store.Keys.Text).ToHashSet();

    /// <summary>True when the transaction has made a unit.</summary>
    public bool Adds(Id id)
    {
        CheckValid();
        return Store.FindClient(id.Client) is { } structs && id.Clock < structs.State && id.Clock >= Transaction.ClockBefore(structs);
    }

    /// <summary>True when the transaction has deleted a unit.</summary>
    public bool Deletes(Id id)
    {
        CheckValid();
        return Store.FindClient(id.Client) is { } structs && id.Clock < structs.State && Transaction.HasDeleted(structs.Index, (int)id.Clock);
    }

    /// <summary>How the text or list changed: steps from its start. The insertions of a list are arrays of values.</summary>
    public IReadOnlyList<YDeltaOp> Delta
    {
        get
        {
            if (_delta is null)
            {
                CheckValid();
                _delta = Target is YText ? TextEventDelta.Read(this, Store, _type) : ChildListChanged ? ListEventDelta.Read(this, Store, _type) : [];
            }

            return _delta;
        }
    }

    private StructStore Store => Transaction.Doc.Store;

    internal bool Adds(in Item item) => item.Clock >= Transaction.ClockBefore(Store.Client(item.Client));

    internal bool Deletes(in Item item) => Transaction.HasDeleted(item.Client, item.Clock);

    private HashSet<int> ChangedKeys()
    {
        CheckValid();
        return Transaction.KeysOf(_type);
    }

    private OrderedDictionary<string, YKeyChange> ReadKeys()
    {
        OrderedDictionary<string, YKeyChange> keys = [];
        StructStore store = Store;
        MapEntries? map = store.Type(_type).Map;
        foreach (int key in ChangedKeys())
        {
            if (key >= 0 && map is not null && map.Find(key) is var slot and >= 0 && TryRead(store, map[slot].Current, out YKeyChange change))
                keys[store.Keys.Text(key)] = change;
        }

        return keys;
    }

    private bool TryRead(StructStore store, int handle, out YKeyChange change)
    {
        change = default;
        bool deleted = Deletes(store.Items[handle]);
        if (!Adds(store.Items[handle]))
        {
            if (deleted)
                change = new YKeyChange(YKeyAction.Delete, OldValue(store, handle));
            return deleted;
        }

        int previous = store.Items[handle].Left;
        while (previous != StructStore.None && Adds(store.Items[previous]))
            previous = store.Items[previous].Left;
        bool replaced = previous != StructStore.None && Deletes(store.Items[previous]);
        if (deleted && !replaced)
            return false;
        change = deleted ? new YKeyChange(YKeyAction.Delete, OldValue(store, previous))
            : replaced ? new YKeyChange(YKeyAction.Update, OldValue(store, previous))
            : new YKeyChange(YKeyAction.Add, YValue.Undefined);
        return true;
    }

    private static YValue OldValue(StructStore store, int handle) => store.ValueAt(handle, store.Items[handle].Length - 1);

    private void CheckValid()
    {
        if (Transaction.Number != _number || !Transaction.Doc.IsCommitting(Transaction))
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"The event of transaction {_number} is over; read it while the observers run."));
    }
}
