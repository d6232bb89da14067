namespace CoEdit.Crdt;

/// <summary>Putting types into the document together with what was put into them before.</summary>
internal sealed partial class StructStore
{
    /// <summary>Makes sure that the document's client has clocks for so many more units.</summary>
    /// <exception cref="InvalidOperationException">It hasn't.</exception>
    public void CheckRoom(long units)
    {
        if (units > int.MaxValue - (KnownClient(Doc.ClientId)?.State ?? 0))
            ThrowNoRoom();
    }

    private static void ThrowNoRoom() =>
        throw new InvalidOperationException("The client id has used up its clocks, which end at 2^31 - 1; the document needs another one.");

    /// <summary>Writes what waited in the type that an item holds, if it holds one: depth first, in the order in which Yjs gives out clocks.</summary>
    public void WriteContent(Transaction transaction, int handle)
    {
        if (ContentOf(transaction, handle) is not { } content)
            return;
        Stack<IEnumerator<int>> open = new();
        open.Push(content);
        while (open.TryPeek(out IEnumerator<int>? next))
        {
            if (!next.MoveNext())
                open.Pop();
            else if (ContentOf(transaction, next.Current) is { } inner)
                open.Push(inner);
        }
    }

    private IEnumerator<int>? ContentOf(Transaction transaction, int handle)
    {
        ref Item item = ref Items[handle];
        return item.Kind == StructKind.Type ? _types[item.Content].Face?.WriteContent(transaction) : null;
    }
}
