namespace CoEdit.Crdt;

/// <summary>Bringing deleted items back: as new items with the same content, next to where the old ones were.</summary>
internal sealed partial class StructStore
{
    /// <summary>The next struct from a clock on, inside of units up to end (exclusive) at whose borders structs are cut. None at the end.</summary>
    public int NextInRun(Transaction transaction, in ClockRun run, ref int clock)
    {
        ClientStructs structs = _clients[run.Client];
        if (clock >= run.End || clock >= structs.State)
            return None;
        int handle = clock == run.Clock ? CleanStart(transaction, run.Client, clock) : Find(run.Client, clock);
        if (run.End < Items[handle].End)
            CleanStart(transaction, run.Client, run.End);
        return handle;
    }

    /// <summary>Protects an item and all that hold it from being collected, or no longer.</summary>
    public void SetKeep(int handle, bool keep)
    {
        while (handle != None && Items[handle].Has(Item.Keep) != keep)
        {
            if (keep)
                Items[handle].Set(Item.Keep);
            else
                Items[handle].Unset(Item.Keep);
            handle = _types[Items[handle].Parent].Owner;
        }
    }

    /// <summary>The item that stands for one that undo has brought back, cut to start with its first unit.</summary>
    public int FollowRedone(Transaction transaction, int handle)
    {
        int found = FindFollowing(IdOf(Items[handle]), followUndo: true, out int offset);
        return offset > 0 ? CleanStart(transaction, Items[found].Client, Items[found].Clock + offset) : found;
    }

    /// <summary>Brings an item back, after the deleted ones that hold it. None when that is impossible.</summary>
    public int Redo(Transaction transaction, int handle, HashSet<int> redoing, UndoScope scope)
    {
        Stack<int> chain = new();
        chain.Push(handle);
        for (int item = handle; !Items[item].Has(Item.Redone);)
        {
            int owner = _types[Items[item].Parent].Owner;
            if (owner == None || !Items[owner].IsDeleted || Items[owner].Has(Item.Redone))
                break;
            if (!redoing.Contains(owner))
                return None;
            chain.Push(owner);
            item = owner;
        }

        int redone = None;
        while (chain.TryPop(out int next))
        {
            redone = RedoOne(transaction, next, scope);
            if (redone == None)
                return None;
        }

        return redone;
    }

    private int RedoOne(Transaction transaction, int handle, UndoScope scope)
    {
        if (TryGetRedone(handle, out Id already))
            return CleanStart(transaction, already);
        int owner = _types[Items[handle].Parent].Owner;
        if (owner != None && Items[owner].IsDeleted)
        {
            if (!Items[owner].Has(Item.Redone))
                return None;
            while (TryGetRedone(owner, out Id next))
                owner = CleanStart(transaction, next);
        }

        int type = owner == None ? Items[handle].Parent : Items[owner].Kind == StructKind.Type ? Items[owner].Content : None;
        if (type == None)
            return None;
        int left = None;
        int right = None;
        int key = -1;
        if (!Items[handle].IsKeyed)
        {
            left = TraceInto(transaction, Items[handle].Left, owner, toLeft: true);
            right = TraceInto(transaction, handle, owner, toLeft: false);
        }
        else
        {
            key = Items[handle].Aux;
            if (!TryFindLeftOfKey(transaction, handle, owner, type, scope, out left))
                return None;
        }

        return Copy(transaction, handle, left, right, type, key);
    }

    // The first item from here on that is, or was brought back as, a child of the type held by owner.
    private int TraceInto(Transaction transaction, int handle, int owner, bool toLeft)
    {
        while (handle != None)
        {
            int trace = handle;
            while (trace != None && _types[Items[trace].Parent].Owner != owner)
                trace = TryGetRedone(trace, out Id redone) ? CleanStart(transaction, redone) : None;
            if (trace != None)
                return trace;
            handle = toLeft ? Items[handle].Left : Items[handle].Right;
        }

        return None;
    }

    // A key is only brought back if nobody else has set it since.
    private bool TryFindLeftOfKey(Transaction transaction, int handle, int owner, int type, UndoScope scope, out int left)
    {
        left = None;
        if (Items[handle].Right != None && !scope.IgnoreRemoteMapChanges)
        {
            left = handle;
            while (left != None && Items[left].Right is var right && right != None && (Items[right].Has(Item.Redone) || scope.Undoes(Items[right])))
            {
                left = right;
                while (TryGetRedone(left, out Id redone))
                    left = CleanStart(transaction, redone);
            }

            if (left != None && Items[left].Right != None)
                return false;
        }
        else
        {
            left = CurrentOf(type, Items[handle].Aux);
        }

        if (left != None && _types[Items[left].Parent].Owner != owner)
            left = CurrentOf(type, Items[handle].Aux);
        return true;
    }

    private int Copy(Transaction transaction, int handle, int left, int right, int type, int key)
    {
        Id id = new(Doc.ClientId, (uint)_clients[InternClient(Doc.ClientId)].State);
        StructKind kind = Items[handle].Kind;
        int length = Items[handle].Length;
        YDoc? document = kind == StructKind.Doc ? YDoc.FromWire(Arena.Get(Items[handle].Content)) : null;
        bool shared = kind == StructKind.Format && FormatValue(handle).Kind is YValueKind.Object or YValueKind.Array;
        YValue value = shared ? FormatValue(handle) : default;
        int copy = NewItem(transaction, left, right, type, key, kind, CopyContent(handle), length, document);
        if (shared && Items[copy].Kind == StructKind.Format)
            _formatObjects![copy] = value;
        SetRedone(handle, id);
        SetKeep(copy, true);
        return copy;
    }

    private int CopyContent(int handle)
    {
        ref Item item = ref Items[handle];
        switch (item.Kind)
        {
            case StructKind.Deleted:
                return 0;
            case StructKind.String:
                char[] chars = new char[item.Length];
                _clients[item.Client].Text.CopyTo(item.Content, chars);
                return _clients[InternClient(Doc.ClientId)].Text.AppendChars(chars);
            case StructKind.Type:
                TypeNode old = _types[item.Content];
                return NewType(old.Ref, old.Name, None);
            default:
                return Arena.Add(Arena.Get(item.Content).ToArray());
        }
    }

    private int CleanStart(Transaction transaction, Id id) => CleanStart(transaction, _clientIndex[id.Client], (int)id.Clock);

    private int CurrentOf(int type, int key) =>
        _types[type].Map is { } map && map.Find(key) is var slot and >= 0 ? map[slot].Current : None;
}
