using System.Runtime.InteropServices;
using System.Text;

namespace CoEdit.Crdt;

/// <summary>Short cuts for the two updates that make up nearly all traffic: text behind its author's last character, and a backspace.</summary>
/// <remarks>
/// <para>
/// Each looks at the bytes and at a handful of items; false means that the update is of another kind, or that its place has changed, and nothing was done.
/// True leaves the store exactly as a transaction would have: a new item behind the one it continues is joined to it at the end, and the deleted
/// tail of an item is split off, collected, and joined to the deleted run behind it.
/// </para>
/// <code>
/// append     [ hello|            the author's last struct, alive, at the end of the author's text, right origin still next to it
///            [ hello!|
/// backspace  [ hello!][x x]      the deleted run behind continues the item: the boundary moves, nothing is made or freed
///            [ hello][x x x]
/// </code>
/// The two that come from elsewhere may be taken only when nobody watches transactions: there is none. The local one is in a transaction that has
/// nothing left to do. Where the commit would try to join structs that lie around those that change, they are no candidates for it; else false.
/// </remarks>
internal sealed partial class StructStore
{
    // 01 01 client clock  84|c4 client clock-1 [rightClient rightClock] text  00
    public bool TryAppendText(ReadOnlySpan<byte> update, ulong ownClient)
    {
        if (update.Length < 9 || MemoryMarshal.Read<ushort>(update) != 0x0101)
            return false;
        int at = 2;
        if (!ShortVarUInt.TryRead(update, ref at, out ulong client) || !ShortVarUInt.TryRead(update, ref at, out ulong clock)
            || client == ownClient || KnownClient(client) is not { } structs || (ulong)structs.State != clock || clock == 0 || at >= update.Length)
        {
            return false;
        }

        byte info = update[at++];
        if (info is not (TextWithOrigin or TextWithOrigins)
            || !ShortVarUInt.TryRead(update, ref at, out ulong originClient) || originClient != client
            || !ShortVarUInt.TryRead(update, ref at, out ulong originClock) || originClock != clock - 1)
        {
            return false;
        }

        int position = structs.LastPosition;
        int handle = structs.HandleAt(position);
        ref Item item = ref Items[handle];
        if (CanJoin(structs, structs.Previous(position), position) || !IsPlainText(item) || item.Content + item.Length != structs.Text.Length)
            return false;
        if (info == TextWithOrigin)
        {
            if (item.HasRightOrigin || item.Right != None)
                return false;
        }
        else if (!ShortVarUInt.TryRead(update, ref at, out ulong rightClient) || !ShortVarUInt.TryRead(update, ref at, out ulong rightClock)
            || !item.HasRightOrigin || (ulong)item.RightClock != rightClock || _clients[item.RightClient].Id != rightClient
            || item.Right == None || Items[item.Right].Clock != item.RightClock || Items[item.Right].Client != item.RightClient)
        {
            return false;
        }

        if (!ShortVarUInt.TryRead(update, ref at, out ulong length) || length == 0 || length >= (ulong)(update.Length - at))
            return false;
        ReadOnlySpan<byte> text = update.Slice(at, (int)length);
        if (update[at + text.Length] != 0 || !Ascii.IsValid(text) || structs.State + text.Length < 0 || IsTypeDeleted(item.Parent))
            return false;

        structs.Text.AppendUtf8(text, text.Length);
        structs.State += text.Length;
        item.Length += text.Length;
        ResizeList(handle, item.Parent, text.Length);
        return true;
    }

    // 00 01 client 01 clock length
    public bool TryBackspace(ReadOnlySpan<byte> update, bool cleansFormatting)
    {
        if (update.Length < 6 || update[0] != 0 || update[1] != 1)
            return false;
        int at = 2;
        if (!ShortVarUInt.TryRead(update, ref at, out ulong client) || at >= update.Length || update[at++] != 1
            || !ShortVarUInt.TryRead(update, ref at, out ulong start) || !ShortVarUInt.TryRead(update, ref at, out ulong length)
            || KnownClient(client) is not { } structs || start >= (ulong)structs.State || length == 0 || length > (ulong)structs.State - start)
        {
            return false;
        }

        int position = structs.Find((int)start);
        int handle = structs.HandleAt(position);
        ref Item item = ref Items[handle];
        int keep = (int)start - item.Clock;
        return keep + (int)length == item.Length && !(cleansFormatting && _types[item.Parent].HasFormatting)
            && TryDeleteEnd(structs, position, handle, keep);
    }

    /// <summary>Deletes units of a list that are the last ones of an item, or all of them, as the only change of a transaction.</summary>
    public bool TryDeleteEnd(Transaction transaction, int type, int index, int length)
    {
        if (_types[type].HasFormatting)
            return false;
        int handle = FindUnit(type, index, out int keep);
        ref Item item = ref Items[handle];
        if (keep + length != item.Length)
            return false;
        ClientStructs structs = _clients[item.Client];
        int clock = item.Clock + keep;
        if (!TryDeleteEnd(structs, structs.Find(clock), handle, keep))
            return false;
        transaction.AddDeleted(structs.Index, clock, length);
        transaction.AddChanged(this, type, -1);
        return true;
    }

    private bool TryDeleteEnd(ClientStructs structs, int position, int handle, int keep)
    {
        ref Item item = ref Items[handle];
        if (!IsPlainText(item) || item.Has(Item.Keep) || (keep > 0 && char.IsHighSurrogate(structs.Text[item.Content + keep - 1])))
            return false;
        if (keep == 0)
        {
            DeleteWhole(structs, handle);
        }
        else
        {
            int next = structs.Next(position);
            if (next >= 0 && CanJoin(structs, next, structs.Next(next)))
                return false;
            DeleteTail(structs, position, handle, keep);
        }

        CompactContents(structs);
        return true;
    }

    private const byte TextWithOrigin = StructInfo.HasOrigin | (byte)StructKind.String;
    private const byte TextWithOrigins = StructInfo.HasAnyOrigin | (byte)StructKind.String;

    private static bool IsPlainText(in Item item) =>
        item.Kind == StructKind.String && !item.Has(Item.Deleted | Item.Redone | Item.Keyed);

    private ClientStructs? KnownClient(ulong id)
    {
        if (id == _lastClientId)
            return _clients[_lastClient];
        if (!_clientIndex.TryGetValue(id, out int index))
            return null;
        _lastClientId = id;
        return _clients[_lastClient = index];
    }

    private void ResizeList(int handle, int type, int change)
    {
        ref TypeNode list = ref _types[type];
        list.Length += change;
        list.Index?.Resize(handle, change);
    }

    private void DeleteWhole(ClientStructs structs, int handle)
    {
        ref Item item = ref Items[handle];
        int clock = item.Clock;
        int end = item.End;
        structs.Text.Release(item.Content, item.Length);
        ResizeList(handle, item.Parent, -item.Length);
        item.SetHeader(structs.Index, StructKind.Deleted, Item.Deleted);
        item.Content = 0;
        MergeAround(structs, clock, end);
    }

    /// <summary>Cuts an item's text off behind its first units: a run of deleted units takes their place, joined to the one behind if that fits.</summary>
    private void DeleteTail(ClientStructs structs, int position, int handle, int keep)
    {
        int next = structs.Next(position);
        ref Item item = ref Items[handle];
        int gone = item.Length - keep;
        int clock = item.Clock + keep;
        structs.Text.Release(item.Content + keep, gone);
        ResizeList(handle, item.Parent, -gone);
        item.Length = keep;
        if (next >= 0)
        {
            ref Item behind = ref Items[structs.HandleAt(next)];
            if (behind.Kind == StructKind.Deleted && item.Right == structs.HandleAt(next) && !behind.Has(Item.Redone)
                && behind.OriginIs(structs.Index, clock + gone - 1) && item.SameRightOrigin(behind))
            {
                behind.Clock = clock;
                behind.Length += gone;
                behind.OriginClock = clock - 1;
                structs.MoveStart(next, clock);
                return;
            }
        }

        int tailHandle = Items.Allocate();
        item = ref Items[handle];
        ref Item tail = ref Items[tailHandle];
        tail = item;
        tail.SetHeader(item.Client, StructKind.Deleted, Item.Deleted);
        tail.Clock = clock;
        tail.Length = gone;
        tail.OriginClient = structs.Index;
        tail.OriginClock = clock - 1;
        tail.Content = 0;
        tail.Left = handle;
        item.Right = tailHandle;
        if (tail.Right != None)
            Items[tail.Right].Left = tailHandle;
        structs.InsertAfter(position, clock, tailHandle);
        _types[item.Parent].Index?.Insert(tailHandle, handle, 0);
    }
}
