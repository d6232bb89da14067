namespace CoEdit.Crdt;

/// <summary>Deleting items and collecting what was deleted, without recursion: documents nest as deep as their authors like.</summary>
internal sealed partial class StructStore
{
    /// <summary>Marks an item and everything inside it as deleted.</summary>
    public void Delete(Transaction transaction, int handle)
    {
        if (Items[handle].IsDeleted)
            return;
        MarkDeleted(transaction, handle);
        ref Item item = ref Items[handle];
        if (item.Kind == StructKind.Type)
            DeleteChildren(transaction, item.Content);
        else if (item.Kind == StructKind.Doc)
            transaction.RemoveSubdoc(Subdoc(handle)!);
    }

    private void MarkDeleted(Transaction transaction, int handle)
    {
        ref Item item = ref Items[handle];
        if (!item.IsKeyed)
        {
            ref TypeNode parent = ref _types[item.Parent];
            int visible = item.VisibleLength;
            parent.Length -= visible;
            parent.Index?.Resize(handle, -visible);
        }

        item.Set(Item.Deleted);
        transaction.HasNewlyDeleted = true;
        transaction.AddDeleted(item.Client, item.Clock, item.Length);
        transaction.AddChanged(this, item.Parent, item.IsKeyed ? item.Aux : -1);
    }

    // Depth first, the list before the map, a child's children before its right neighbour: the order of merge candidates is observable.
    private void DeleteChildren(Transaction transaction, int type)
    {
        Stack<Walk>? waiting = null;
        Walk walk = new(type, _types[type].Start);
        while (true)
        {
            int child = NextChild(ref walk);
            if (child == None)
            {
                if (waiting is null || waiting.Count == 0)
                    return;
                walk = waiting.Pop();
                continue;
            }

            ref Item item = ref Items[child];
            if (item.IsDeleted)
            {
                // It goes when the type is collected, but nothing else would tell the commit to join it with its neighbours.
                if (item.Clock < transaction.BeforeClock(_clients[item.Client]))
                    transaction.MergeCandidates.Add(new ClockPoint(item.Client, item.Clock));
                continue;
            }

            MarkDeleted(transaction, child);
            item = ref Items[child];
            if (item.Kind == StructKind.Type)
            {
                (waiting ??= new Stack<Walk>()).Push(walk);
                walk = new Walk(item.Content, _types[item.Content].Start);
            }
            else if (item.Kind == StructKind.Doc)
            {
                transaction.RemoveSubdoc(Subdoc(child)!);
            }
        }
    }

    private int NextChild(ref Walk walk)
    {
        if (walk.Item != None)
        {
            int child = walk.Item;
            walk.Item = Items[child].Right;
            return child;
        }

        MapEntries? map = _types[walk.Type].Map;
        return map is not null && walk.Slot < map.Count ? map[walk.Slot++].Current : None;
    }

    /// <summary>Drops the content of a deleted item; what was inside it becomes GC structs.</summary>
    public void Collect(int handle)
    {
        ref Item item = ref Items[handle];
        if (item.Kind == StructKind.Type)
            CollectChildren(item.Content);
        BecomeDeletedRun(handle);
    }

    private void BecomeDeletedRun(int handle)
    {
        ReleaseContent(handle);
        Items[handle].SetKind(StructKind.Deleted);
    }

    private void CollectChildren(int type)
    {
        Stack<int> types = new();
        types.Push(type);
        while (types.TryPop(out int current))
        {
            for (int child = _types[current].Start; child != None;)
            {
                int right = Items[child].Right;
                BecomeGc(child, types);
                child = right;
            }

            if (_types[current].Map is { } map)
            {
                for (int slot = 0; slot < map.Count; slot++)
                {
                    for (int child = map[slot].Current; child != None;)
                    {
                        int left = Items[child].Left;
                        BecomeGc(child, types);
                        child = left;
                    }
                }
            }

            if (current != type)
                ReleaseType(current);
            else
                ClearType(current);
        }
    }

    private void ClearType(int type)
    {
        ref TypeNode node = ref _types[type];
        node.Start = None;
        node.Map = null;
        node.Index = null;
    }

    private void BecomeGc(int handle, Stack<int> types)
    {
        ref Item item = ref Items[handle];
        if (item.Kind == StructKind.Type)
            types.Push(item.Content);
        else
            ReleaseContent(handle);
        item = ref Items[handle];
        if (item.Has(Item.Redone))
            ForgetRedone(handle);
        int clock = item.Clock;
        int length = item.Length;
        int client = item.Client;
        item = default;
        item.SetHeader(client, StructKind.Gc, Item.Deleted);
        item.Clock = clock;
        item.Length = length;
        item.OriginClient = item.RightClient = Item.NoClient;
    }

    private record struct Walk(int Type, int Item, int Slot = 0);
}
