namespace CoEdit.Crdt;

/// <summary>Joining structs that one struct can stand for.</summary>
/// <remarks>
/// Whether two neighbours can be joined does not change while a commit joins others, so the result depends on which boundaries are tried, not on
/// their order. Yjs tries certain boundaries only, and goes on to the left as long as it succeeds; the bytes of a document depend on it.
/// </remarks>
internal sealed partial class StructStore
{
    /// <summary>Joins the struct at a position to its left neighbours as far as possible. Returns the position it ends up in.</summary>
    public int MergeLeft(ClientStructs structs, int position, out int merged)
    {
        merged = 0;
        while (true)
        {
            int left = structs.Previous(position);
            if (left < 0 || !TryJoin(structs, structs.HandleAt(left), structs.HandleAt(position)))
                return position;
            structs.RemoveAt(position);
            position = left;
            merged++;
        }
    }

    /// <summary>Tries every boundary from the end down to a position (1 at least) and on to the left while it succeeds.</summary>
    public void MergeTail(ClientStructs structs, int from)
    {
        if (structs.Previous(from) < 0)
        {
            from = structs.Next(from);
            if (from < 0)
                return;
        }

        // What is read stays ahead of what is written, so the index is rewritten in place.
        int origin = structs.Previous(from);
        int write = origin;
        int read = from;
        int firstJoins = -1;
        while (read >= 0)
        {
            int right = structs.HandleAt(read);
            bool joined = TryJoin(structs, structs.HandleAt(write), right);
            if (firstJoins < 0)
                firstJoins = joined ? 1 : 0;
            if (!joined)
            {
                write = structs.Next(write);
                if (write != read)
                    structs.Overwrite(write, Items[right].Clock, right);
            }

            read = structs.Next(read);
        }

        int end = structs.Next(write);
        if (end >= 0)
            structs.TruncateAt(end);
        if (firstJoins == 1)
            MergeLeft(structs, origin, out _);
    }

    private bool TryJoin(ClientStructs structs, int leftHandle, int rightHandle)
    {
        ref Item left = ref Items[leftHandle];
        ref Item right = ref Items[rightHandle];
        if (left.IsDeleted != right.IsDeleted || left.Kind != right.Kind)
            return false;
        if (left.IsGc)
        {
            left.Length += right.Length;
            Items.Free(rightHandle);
            return true;
        }

        if (left.Kind is not (StructKind.String or StructKind.Deleted or StructKind.Any or StructKind.Json)
            || left.Right != rightHandle
            || !right.OriginIs(structs.Index, left.Last)
            || !left.SameRightOrigin(right)
            || left.Has(Item.Redone) || right.Has(Item.Redone))
        {
            return false;
        }

        if (left.Kind is StructKind.Any or StructKind.Json)
            left.Content = Arena.Join(left.Content, right.Content);
        if (right.Has(Item.Keep))
            left.Set(Item.Keep);
        left.Right = right.Right;
        if (right.Right != None)
            Items[right.Right].Left = leftHandle;
        if (right.IsKeyed)
        {
            MapEntries map = _types[right.Parent].Map!;
            ref MapEntries.Entry entry = ref map[map.Find(right.Aux)];
            if (entry.Current == rightHandle)
                entry.Current = leftHandle;
        }
        else
        {
            _types[right.Parent].Index?.Join(leftHandle, rightHandle);
        }

        left.Length += right.Length;
        Items.Free(rightHandle);
        return true;
    }
}
