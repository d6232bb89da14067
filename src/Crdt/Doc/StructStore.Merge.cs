using System.Runtime.CompilerServices;

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
        int left = structs.HandleAt(origin);
        int firstJoins = -1;
        for (int read = from; read >= 0; read = structs.Next(read))
        {
            int right = structs.HandleAt(read);
            bool joined = MayJoin(Items[left], Items[right]) && TryJoin(structs, left, right);
            if (firstJoins < 0)
                firstJoins = joined ? 1 : 0;
            if (joined)
                continue;
            write = structs.Next(write);
            if (write != read)
                structs.Overwrite(write, Items[right].Clock, right);
            left = right;
        }

        int end = structs.Next(write);
        if (end >= 0)
            structs.TruncateAt(end);
        if (firstJoins == 1)
            MergeLeft(structs, origin, out _);
    }

    // What keeps most neighbours apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayJoin(in Item left, in Item right) =>
        left.Kind == right.Kind && (left.IsGc || (right.OriginClock == left.Last && right.OriginClient == left.Client));

    private bool CanJoin(ClientStructs structs, int leftPosition, int rightPosition)
    {
        if (leftPosition < 0 || rightPosition < 0)
            return false;
        int rightHandle = structs.HandleAt(rightPosition);
        ref Item left = ref Items[structs.HandleAt(leftPosition)];
        ref Item right = ref Items[rightHandle];
        return left.IsDeleted == right.IsDeleted && left.Kind == right.Kind
            && (left.IsGc || CanJoinItems(structs, left, rightHandle, right));
    }

    // Of one kind, not GC.
    private static bool CanJoinItems(ClientStructs structs, in Item left, int rightHandle, in Item right) =>
        left.Kind is StructKind.String or StructKind.Deleted or StructKind.Any or StructKind.Json
        && left.Right == rightHandle
        && right.OriginIs(structs.Index, left.Last)
        && left.SameRightOrigin(right)
        && !left.Has(Item.Redone) && !right.Has(Item.Redone);

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

        if (!CanJoinItems(structs, left, rightHandle, right))
            return false;
        if (left.Kind is StructKind.Any or StructKind.Json)
            left.Content = Arena.Join(left.Content, right.Content, left.Length);
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
