namespace CoEdit.Crdt;

/// <summary>Placing an item between its neighbours (YATA).</summary>
internal sealed partial class StructStore
{
    [ThreadStatic]
    private static int[]? s_marks;

    [ThreadStatic]
    private static int s_markBase;

    /// <summary>
    /// Links an item whose fields are filled and that stands at its client's state. <see cref="Item.Left"/> and <see cref="Item.Right"/> are the
    /// resolved origins, <see cref="Item.Parent"/> is not 0.
    /// </summary>
    /// <remarks>
    /// <code>
    /// origin  o1  o2  o3  rightOrigin        conflicts: everything between the two origins when the item arrives
    ///   |____________|
    ///        this?                           after the last o that has to come first
    /// </code>
    /// </remarks>
    public void Integrate(Transaction transaction, int handle)
    {
        ref Item item = ref Items[handle];
        ref TypeNode parent = ref _types[item.Parent];
        int slot = -1;
        if (item.IsKeyed)
        {
            parent.Map ??= new MapEntries();
            slot = parent.Map.FindOrAdd(item.Aux);
        }

        int left = item.Left;
        int right = item.Right;
        int first = slot >= 0 ? parent.Map![slot].Leftmost : parent.Start;
        if (left == None ? right == None ? first != None : Items[right].Left != None : Items[left].Right != right)
            left = FindLeft(ref item, left, right, first);
        else if (left == None && right == None)
            left = None;

        // Link.
        if (left != None)
        {
            right = Items[left].Right;
            Items[left].Right = handle;
        }
        else
        {
            right = first;
            if (slot >= 0)
                parent.Map![slot].Leftmost = handle;
            else
                parent.Start = handle;
        }

        item.Left = left;
        item.Right = right;
        if (right != None)
        {
            Items[right].Left = handle;
        }
        else if (slot >= 0)
        {
            parent.Map![slot].Current = handle;
            if (left != None)
            {
                Delete(transaction, left);
                item = ref Items[handle];
                parent = ref _types[item.Parent];
            }
        }

        if (slot < 0)
        {
            int visible = item.VisibleLength;
            parent.Length += visible;
            parent.Index?.Insert(handle, left, visible);
        }

        Append(transaction, handle, item.Client);
        IntegrateContent(transaction, handle);
        item = ref Items[handle];
        int type = item.Parent;
        transaction.AddChanged(this, type, item.IsKeyed ? item.Aux : -1);
        if (IsTypeDeleted(type) || (slot >= 0 && item.Right != None))
            Delete(transaction, handle);
    }

    /// <summary>
    /// True when text that comes behind <paramref name="left"/> as the client's next struct, with this right origin, will be joined to it by the
    /// commit anyway. Then the item can grow instead. Most of typing is this.
    /// </summary>
    private bool CanAppend(ClientStructs structs, int left, int right, int rightClient, int rightClock)
    {
        ref Item item = ref Items[left];
        return item.Right == right && item.Client == structs.Index && item.End == structs.State
            && item.Kind == StructKind.String && !item.Has(Item.Deleted | Item.Redone | Item.Keyed)
            && item.RightClient == rightClient && (rightClient < 0 || item.RightClock == rightClock)
            && item.Content + item.Length == structs.Text.Length;
    }

    /// <summary>The text is in the client's buffer already.</summary>
    private void Extend(Transaction transaction, ClientStructs structs, int handle, int length)
    {
        transaction.Touch(structs);
        ref Item item = ref Items[handle];
        item.Length += length;
        structs.State += length;
        ref TypeNode parent = ref _types[item.Parent];
        parent.Length += length;
        parent.Index?.Resize(handle, length);
        transaction.AddChanged(this, item.Parent, -1);
    }

    /// <summary>Puts a struct at the end of its client's.</summary>
    public void Append(Transaction transaction, int handle, int client)
    {
        ClientStructs structs = _clients[client];
        ref Item item = ref Items[handle];
        transaction.Touch(structs);
        structs.Append(item.Clock, handle);
        structs.State = item.End;
    }

    public void AppendGc(Transaction transaction, int client, int clock, int length)
    {
        int handle = Items.Allocate();
        ref Item item = ref Items[handle];
        item = default;
        item.SetHeader(client, StructKind.Gc, Item.Deleted);
        item.Clock = clock;
        item.Length = length;
        item.OriginClient = item.RightClient = Item.NoClient;
        Append(transaction, handle, client);
    }

    private int FindLeft(ref Item item, int left, int right, int first)
    {
        int o = left != None ? Items[left].Right : first;
        int limit = Items.HandleLimit;
        int[] marks = s_marks ??= new int[256];
        if (marks.Length < limit)
            s_marks = marks = new int[Math.Max(limit, 2 * marks.Length)];

        // marks[h] - start is the number of the scanned item h in this scan; what lies at or below start is from an earlier one.
        int start = s_markBase;
        if (start > int.MaxValue - limit - 2)
        {
            Array.Clear(marks);
            start = 0;
        }

        int scanned = start;
        int cleared = start;
        int client = item.Client;
        ulong clientId = _clients[client].Id;
        while (o != None && o != right)
        {
            marks[o] = ++scanned;
            ref Item other = ref Items[o];
            if (item.OriginIs(other.OriginClient, other.OriginClock))
            {
                if (other.Client != client && _clients[other.Client].Id < clientId)
                {
                    left = o;
                    cleared = scanned;
                }
                else if (item.SameRightOrigin(other))
                {
                    break;
                }
            }
            else if (other.HasOrigin)
            {
                int mark = marks[Find(other.OriginClient, other.OriginClock)];
                if (mark <= start)
                    break;
                if (mark <= cleared)
                {
                    left = o;
                    cleared = scanned;
                }
            }
            else
            {
                break;
            }

            o = other.Right;
        }

        s_markBase = scanned;
        return left;
    }

    private void IntegrateContent(Transaction transaction, int handle)
    {
        ref Item item = ref Items[handle];
        switch (item.Kind)
        {
            case StructKind.Deleted:
                transaction.AddDeleted(item.Client, item.Clock, item.Length);
                item.Set(Item.Deleted);
                break;
            case StructKind.Format:
                _types[item.Parent].HasFormatting = true;
                break;
            case StructKind.Type:
                _types[item.Content].Owner = handle;
                break;
            case StructKind.Doc:
                transaction.AddSubdoc(Subdoc(handle)!, handle);
                break;
        }
    }
}
