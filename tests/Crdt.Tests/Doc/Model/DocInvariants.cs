using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What always holds inside a document between transactions.</summary>
internal static class DocInvariants
{
    public static void Check(YDoc doc)
    {
        StructStore store = doc.Store;
        HashSet<int> handles = [];
        HashSet<int> types = [.. store.RootTypes];
        for (int client = 0; client < store.ClientCount; client++)
            CheckClient(store, store.Client(client), handles, types);
        Assert.Equal(store.Items.LiveCount, handles.Count);

        HashSet<int> placed = [];
        foreach (int type in types)
            CheckType(store, type, handles, placed);

        foreach (int handle in handles)
        {
            if (!store.Items[handle].IsGc)
                Assert.Contains(handle, placed);
        }
    }

    // In clock order, without gaps, and found by every one of their clocks at the ends.
    private static void CheckClient(StructStore store, ClientStructs structs, HashSet<int> handles, HashSet<int> types)
    {
        int clock = 0;
        int count = 0;
        for (int position = structs.IsEmpty ? -1 : ClientStructs.FirstPosition; position >= 0; position = structs.Next(position))
        {
            int handle = structs.HandleAt(position);
            Item item = store.Items[handle];
            Assert.True(handles.Add(handle));
            Assert.Equal(clock, structs.ClockAt(position));
            Assert.Equal(clock, item.Clock);
            Assert.Equal(structs.Index, item.Client);
            Assert.InRange(item.Length, 1, int.MaxValue);
            Assert.Equal(handle, store.Find(structs.Index, item.Clock));
            Assert.Equal(handle, store.Find(structs.Index, item.Last));
            if (item.IsGc || item.Kind == StructKind.Deleted)
                Assert.True(item.IsDeleted);
            if (item.Kind == StructKind.Type)
            {
                Assert.True(types.Add(item.Content));
                Assert.Equal(handle, store.Type(item.Content).Owner);
            }

            clock = item.End;
            count++;
        }

        Assert.Equal(clock, structs.State);
        Assert.Equal(structs.Count, count);
    }

    private static void CheckType(StructStore store, int type, HashSet<int> handles, HashSet<int> placed)
    {
        TypeNode node = store.Type(type);
        int visible = 0;
        int left = StructStore.None;
        for (int handle = node.Start; handle != StructStore.None; handle = store.Items[handle].Right)
        {
            Item item = store.Items[handle];
            Assert.Contains(handle, handles);
            Assert.True(placed.Add(handle));
            Assert.Equal(left, item.Left);
            Assert.Equal(type, item.Parent);
            Assert.False(item.IsKeyed);
            if (node.Index is not null)
            {
                Assert.Equal(visible, node.Index.IndexOf(handle));
                if (item.VisibleLength > 0)
                {
                    Assert.Equal(handle, node.Index.Find(visible, out int offset));
                    Assert.Equal(0, offset);
                }
            }

            visible += item.VisibleLength;
            left = handle;
        }

        Assert.Equal(visible, node.Length);
        if (node.Index is not null)
            Assert.Equal(visible, node.Index.Total);
        for (int slot = 0; slot < (node.Map?.Count ?? 0); slot++)
            CheckChain(store, type, node.Map![slot], handles, placed);
    }

    // All values of a key but the last are deleted. Only a forged run of several values under one key can be cut into live parts.
    private static void CheckChain(StructStore store, int type, MapEntries.Entry entry, HashSet<int> handles, HashSet<int> placed)
    {
        int left = StructStore.None;
        for (int handle = entry.Leftmost; handle != StructStore.None; handle = store.Items[handle].Right)
        {
            Item item = store.Items[handle];
            Assert.Contains(handle, handles);
            Assert.True(placed.Add(handle));
            Assert.Equal(left, item.Left);
            Assert.Equal(type, item.Parent);
            Assert.True(item.IsKeyed);
            Assert.Equal(entry.Key, item.Aux);
            Assert.True(item.IsDeleted || item.Right == StructStore.None || IsCut(item, store.Items[item.Right]));
            left = handle;
        }

        Assert.Equal(entry.Current, left);
    }

    private static bool IsCut(in Item left, in Item right) => left.Client == right.Client && left.End == right.Clock && right.OriginIs(left.Client, left.Last);
}
