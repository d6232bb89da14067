using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>The short way for most of what large updates consist of: text and deleted runs whose neighbours are as their author saw them.</summary>
internal sealed partial class StructStore
{
    /// <summary>
    /// Integrates structs of a section from its next one on, up to the first that needs more than to be put between two neighbours: a cut, a
    /// conflict scan, another client's struct, another kind of content.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyPlain(Transaction transaction, DecodedUpdate update, ReadOnlySpan<byte> bytes, ref DecodedUpdate.Section section)
    {
        // Small updates try to lengthen the item before them first.
        if (_smallUpdate)
            return;
        ClientStructs structs = _clients[section.Client];
        Span<DecodedUpdate.Struct> all = update.Structs.Items;
        int last = structs.IsEmpty ? None : structs.HandleAt(structs.LastPosition);
        int type = None;
        while (section.Next < section.End)
        {
            ref DecodedUpdate.Struct next = ref all[section.Next];
            if (!next.HasOrigins || next.Clock != structs.State || next.Kind is not (StructKind.String or StructKind.Deleted)
                || !TryFindGap(next, structs, last, out int left, out int right))
            {
                return;
            }

            int parent = Items[left != None ? left : right].Parent;
            if (parent != type)
            {
                if (parent == None || IsTypeDeleted(parent))
                    return;
                transaction.AddChanged(this, type = parent, -1);
            }

            last = AddPlain(transaction, next, bytes, structs, left, right, parent);
            section.Next++;
        }
    }

    /// <summary>The two neighbours, if they are whole items of a list and nothing stands between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindGap(in DecodedUpdate.Struct next, ClientStructs structs, int last, out int left, out int right)
    {
        left = right = None;
        if (next.A < 0)
            return TryFindStart(next, structs, out right);
        if (next.A == structs.Index && next.B == next.Clock - 1)
        {
            left = last;
        }
        else
        {
            ClientStructs origin = _clients[next.A];
            if (next.B >= origin.State)
                return false;
            left = origin.HandleAt(origin.Find(next.B));
        }

        ref Item before = ref Items[left];
        if (before.End != next.B + 1 || before.IsGc || before.IsKeyed)
            return false;
        right = before.Right;
        if (next.C < 0)
            return right == None;
        if (right == None)
            return false;
        ref Item behind = ref Items[right];
        return behind.Clock == next.D && behind.Client == next.C;
    }

    private bool TryFindStart(in DecodedUpdate.Struct next, ClientStructs structs, out int right)
    {
        right = None;
        ClientStructs origin = _clients[next.C];
        if (next.D >= origin.State)
            return false;
        right = origin.HandleAt(origin.Find(next.D));
        ref Item behind = ref Items[right];
        return behind.Clock == next.D && !behind.IsGc && !behind.IsKeyed && behind.Left == None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AddPlain(
        Transaction transaction, in DecodedUpdate.Struct next, ReadOnlySpan<byte> bytes, ClientStructs structs, int left, int right, int type)
    {
        int handle = Items.Allocate();
        ref Item item = ref Items[handle];
        bool isText = next.Kind == StructKind.String;
        item.SetHeader(structs.Index, next.Kind, isText ? 0 : Item.Deleted);
        item.Clock = next.Clock;
        item.Length = next.Length;
        item.OriginClient = next.A;
        item.OriginClock = next.B;
        item.RightClient = next.C;
        item.RightClock = next.D;
        item.Left = left;
        item.Right = right;
        item.Parent = type;
        item.Aux = 0;
        item.Content = 0;
        ref TypeNode parent = ref _types[type];
        if (left != None)
            Items[left].Right = handle;
        else
            parent.Start = handle;
        if (right != None)
            Items[right].Left = handle;
        int visible = 0;
        if (isText)
        {
            visible = next.Length;
            item.Content = next.IsAscii
                ? structs.Text.AppendAscii(bytes.Slice(next.End - visible, visible))
                : ReadContent(next, bytes, structs, 0, handle);
            parent.Length += visible;
        }
        else
        {
            transaction.AddDeleted(structs.Index, next.Clock, next.Length);
        }

        parent.Index?.Insert(handle, left, visible);
        transaction.Touch(structs);
        structs.Append(next.Clock, handle);
        structs.State = next.Clock + next.Length;
        return handle;
    }
}
