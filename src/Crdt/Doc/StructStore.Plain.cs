using System.Runtime.CompilerServices;

namespace CoEdit.Crdt;

/// <summary>The short way for most of what large updates consist of: list items whose origins are whole items.</summary>
internal sealed partial class StructStore
{
    /// <summary>
    /// Integrates structs of a section from its next one on, up to the first that needs more than to be put into a list: a cut, another client's
    /// struct, a parent.
    /// </summary>
    /// <param name="transaction">The current one.</param>
    /// <param name="update">What is applied.</param>
    /// <param name="bytes">Of the update.</param>
    /// <param name="section">Its place is moved on.</param>
    /// <param name="until">Stops when the client's state is above this clock.</param>
    private void ApplyPlain(
        Transaction transaction, DecodedUpdate update, ReadOnlySpan<byte> bytes, ref DecodedUpdate.Section section, int until = int.MaxValue)
    {
        // Small updates try to lengthen the item before them first.
        if (_smallUpdate)
            return;
        ClientStructs structs = _clients[section.Client];
        structs.Text.Reserve(section.TextUnits);
        section.TextUnits = 0;
        Span<DecodedUpdate.Struct> all = update.Structs.Items;
        int last = structs.IsEmpty ? None : structs.HandleAt(structs.LastPosition);
        int type = None;
        while (section.Next < section.End && structs.State <= until)
        {
            ref DecodedUpdate.Struct next = ref all[section.Next];
            if (!next.HasOrigins || next.Clock != structs.State || next.Kind is StructKind.Gc or StructKind.Skip or StructKind.Doc
                || !TryFindNeighbours(next, structs, last, out int left, out int right))
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

    /// <summary>The origins, if they are known and begin or end with items of a list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindNeighbours(in DecodedUpdate.Struct next, ClientStructs structs, int last, out int left, out int right)
    {
        left = right = None;
        if (next.A >= 0)
        {
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
        }

        if (next.C < 0)
        {
            right = None;
            return true;
        }

        // Mostly the right origin is still the left one's neighbour.
        return (right != None && Items[right].Clock == next.D && Items[right].Client == next.C) || TryFindRight(next, out right);
    }

    private bool TryFindRight(in DecodedUpdate.Struct next, out int right)
    {
        right = None;
        ClientStructs origin = _clients[next.C];
        if (next.D >= origin.State)
            return false;
        right = origin.HandleAt(origin.Find(next.D));
        ref Item behind = ref Items[right];
        return behind.Clock == next.D && !behind.IsGc && !behind.IsKeyed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AddPlain(
        Transaction transaction, in DecodedUpdate.Struct next, ReadOnlySpan<byte> bytes, ClientStructs structs, int left, int right, int type)
    {
        int handle = Items.Allocate();
        ref Item item = ref Items[handle];
        item.SetHeader(structs.Index, next.Kind, next.Kind == StructKind.Deleted ? Item.Deleted : 0);
        item.Clock = next.Clock;
        item.Length = next.Length;
        item.OriginClient = next.A;
        item.OriginClock = next.B;
        item.RightClient = next.C;
        item.RightClock = next.D;
        item.Parent = type;
        item.Aux = 0;
        if (next.IsAscii)
            item.Content = structs.Text.AppendAscii(bytes.Slice(next.End - next.Length, next.Length));
        else
            item.Content = next.Kind == StructKind.Deleted ? 0 : ReadContent(next, bytes, structs, 0, handle);
        ref TypeNode parent = ref _types[type];
        if (next.Kind == StructKind.Type)
            _types[item.Content].Owner = handle;
        if (left != None ? Items[left].Right != right : Items[right].Left != None)
            left = FindLeft(ref item, left, right, parent.Start);
        if (left != None)
        {
            right = Items[left].Right;
            Items[left].Right = handle;
        }
        else
        {
            right = parent.Start;
            parent.Start = handle;
        }

        item.Left = left;
        item.Right = right;
        if (right != None)
            Items[right].Left = handle;
        int visible = 0;
        if (next.Kind == StructKind.Deleted)
        {
            transaction.AddDeleted(structs.Index, next.Clock, next.Length);
        }
        else if (next.Kind == StructKind.Format)
        {
            parent.HasFormatting = true;
        }
        else
        {
            visible = next.Length;
            parent.Length += visible;
        }

        parent.Index?.Insert(handle, left, visible);
        transaction.Touch(structs);
        structs.Append(next.Clock, handle);
        structs.State = next.Clock + next.Length;
        return handle;
    }
}
