using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>The limits of a document: what would break one is refused, and nothing has changed.</summary>
public sealed class DocLimitTests
{
    [Fact]
    public void Structs_and_deletions_that_wait_are_limited_by_number_and_by_bytes()
    {
        YDoc doc = new(new YDocOptions { MaxPendingStructs = 10, MaxPendingBytes = 200 });
        for (uint i = 0; i < 10; i++)
            doc.ApplyUpdate(new UpdateBuilder().Section(1, 5 + (2 * i)).Gc(1).Delete(1, 5 + (2 * i), 1).Build());
        Refuses(doc, new UpdateBuilder().Section(1, 50).Gc(1).Build(), UpdateLimit.Pending);
        Refuses(doc, new UpdateBuilder().Section(2, 0).Text("x").Section(1, 50).Gc(1).Build(), UpdateLimit.Pending);
        Refuses(doc, new UpdateBuilder().Section(2, 0).Text("x").Delete(1, 50, 1).Build(), UpdateLimit.Pending);

        // What does not wait comes in all the same, and so does what sets the others free.
        doc.ApplyUpdate(new UpdateBuilder().Section(3, 0).Text(new string('y', 1_000)).Delete(3, 0, 1).Build());
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Gc(100).Build());
        Assert.False(doc.HasPending);
        Refuses(doc, new UpdateBuilder().Section(2, 5).Text(new string('x', 200), new Id(2, 4)).Build(), UpdateLimit.Pending);
        Assert.Equal(999, doc.GetText("t").Length);
    }

    [Fact]
    public void Sections_that_need_one_another_do_not_wait()
    {
        YDoc doc = new(new YDocOptions { MaxPendingStructs = 3 });
        UpdateBuilder update = new UpdateBuilder().Section(1, 0).Text("a");
        for (uint i = 1; i < 50; i++)
            update.Text("a", new Id(2, i - 1));
        update.Section(2, 0);
        for (uint i = 0; i < 50; i++)
            update.Text("b", new Id(1, i));
        doc.ApplyUpdate(update.Delete(1, 0, 50).Delete(2, 49, 1).Build());
        Assert.False(doc.HasPending);
        Assert.Equal(49, doc.GetText("t").Length);

        // Four structs behind one that is missing: in all of the sections together.
        UpdateBuilder late = new UpdateBuilder().Section(1, 50).Text("c", new Id(3, 0)).Text("c").Section(2, 50).Text("d", new Id(1, 51)).Text("d");
        Refuses(doc, late.Build(), UpdateLimit.Pending);
        doc.ApplyUpdate(late.Section(3, 0).Text("e").Build());
        Assert.Equal(54, doc.GetText("t").Length);
    }

    [Fact]
    public void The_same_that_waits_comes_again_and_again()
    {
        YDoc doc = new(new YDocOptions { MaxPendingStructs = 10, MaxPendingBytes = 200 });
        byte[] update = new UpdateBuilder().Section(1, 5).Text("waits", new Id(1, 4)).Delete(2, 7, 3).Build();
        for (int i = 0; i < 7; i++)
            doc.ApplyUpdate(update);
        Assert.True(doc.HasPending);
    }

    [Fact]
    public void Roots_count_once_each_and_also_while_they_wait()
    {
        YDoc doc = new(new YDocOptions { MaxRoots = 3, MaxNameBytes = 4 });
        for (ulong client = 1; client <= 5; client++)
            doc.ApplyUpdate(new UpdateBuilder().Section(client, 0).Text("x", root: "a").Text("x", root: "b").Build());
        doc.ApplyUpdate(new UpdateBuilder().Section(9, 1).Text("x", root: "c").Build());
        Refuses(doc, new UpdateBuilder().Section(8, 1).Text("x", root: "d").Build(), UpdateLimit.Roots);
        Refuses(doc, new UpdateBuilder().Section(8, 0).Text("x", root: "d").Build(), UpdateLimit.Roots);
        Refuses(doc, new UpdateBuilder().Section(8, 0).Text("x", root: "ééé").Build(), UpdateLimit.RootNameLength);
        doc.ApplyUpdate(new UpdateBuilder().Section(9, 0).Text("x", root: "b").Build());
        Assert.False(doc.HasPending);
        Assert.Equal(3, doc.Store.RootTypes.Count);
        doc.GetText("the application's own");
    }

    [Fact]
    public void Clients_are_limited_and_the_own_one_always_has_a_place()
    {
        YDoc doc = new(new YDocOptions { MaxClients = 3, ClientId = 77 });
        doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Gc(1).Section(2, 0).Gc(1).Build());
        Refuses(doc, new UpdateBuilder().Section(3, 0).Gc(1).Section(4, 0).Gc(1).Build(), UpdateLimit.Clients);
        Refuses(doc, new UpdateBuilder().Delete(3, 0, 1).Delete(4, 0, 1).Build(), UpdateLimit.Clients);
        Refuses(doc, new UpdateBuilder().Section(1, 1).Text("x", new Id(3, 0), new Id(4, 0)).Build(), UpdateLimit.Clients);
        doc.ApplyUpdate(new UpdateBuilder().Section(3, 0).Gc(1).Build());
        doc.GetText("t").Insert(0, "mine");
        Assert.Equal(4U, doc.GetStateVector()[77]);
    }

    [Fact]
    public void Repeated_structs_of_v2_are_limited()
    {
        UpdateBuilder builder = new UpdateBuilder().Section(1, 0);
        for (int i = 0; i < 500; i++)
            builder.Gc(1);
        byte[] update = YUpdate.ConvertV1ToV2(builder.Build());
        YDoc doc = new(new YDocOptions { MaxRepeatedStructs = 100 });
        Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdateV2(update));
        Assert.Equal("0000", Bytes.ToHex(doc.EncodeStateAsUpdate()));
        new YDoc().ApplyUpdateV2(update);
    }

    [Fact]
    public void Deletions_wait_for_what_is_written_here_under_an_id_that_changes()
    {
        YDoc doc = new(new YDocOptions { ClientId = 7 });
        doc.ApplyUpdate(new UpdateBuilder().Delete(7, 1, 1).Delete(9, 0, 1).Section(3, 0).Text("z", new Id(7, 2)).Build());
        doc.GetText("t").Insert(0, "abc");
        doc.ClientId = 9;
        doc.GetText("t").Insert(3, "d");
        doc.ClientId = 11;
        Assert.Equal("abcd", doc.GetText("t").ToString());
        doc.ApplyUpdate(new UpdateBuilder().Section(5, 0).Gc(1).Build());
        Assert.Equal("acz", doc.GetText("t").ToString());
        Assert.False(doc.HasPending);
        DocInvariants.Check(doc);
    }

    private static void Refuses(YDoc doc, byte[] update, UpdateLimit limit)
    {
        byte[] before = doc.EncodeStateAsUpdate();
        int clients = doc.Store.ClientCount;
        Assert.Equal(limit, Assert.Throws<UpdateLimitException>(() => doc.ApplyUpdate(update)).Limit);
        Assert.Equal(limit, Assert.Throws<UpdateLimitException>(() => doc.ApplyUpdateV2(YUpdate.ConvertV1ToV2(update))).Limit);
        Assert.Equal(before, doc.EncodeStateAsUpdate());
        Assert.Equal(clients, doc.Store.ClientCount);
        DocInvariants.Check(doc);
    }
}
