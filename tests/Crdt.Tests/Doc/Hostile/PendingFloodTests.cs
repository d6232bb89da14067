using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Much that waits for what has not arrived. Work is counted in allocated bytes, which repeat, instead of time, which does not.</summary>
public sealed class PendingFloodTests
{
    private const double NearLinear = 2.6;

    [Fact]
    public void Structs_that_wait_for_one_client_cost_near_linear_work()
    {
        // The first of each pair lies above the size up to which everything is merged at once.
        long few = Cost(4_000);
        long many = Cost(8_000);
        Assert.True(many < NearLinear * few, $"{few} and {many} bytes");

        static long Cost(uint count) => Allocated(() =>
        {
            YDoc doc = new();
            for (uint i = 0; i < count; i++)
                doc.ApplyUpdate(new UpdateBuilder().Section(10 + i, 0).Text("x", new Id(1, i)).Build());
            Assert.True(doc.HasPending);
            doc.ApplyUpdate(new UpdateBuilder().Section(1, 0).Text(new string('y', (int)count)).Build());
            Assert.False(doc.HasPending);
            Assert.Equal((int)(2 * count), doc.GetText("t").Length);
        });
    }

    [Fact]
    public void A_history_delivered_newest_first_costs_near_linear_work()
    {
        long few = Cost(2_000);
        long many = Cost(4_000);
        Assert.True(many < NearLinear * few, $"{few} and {many} bytes");

        static long Cost(int count)
        {
            YDoc source = new(new YDocOptions { ClientId = 1 });
            List<byte[]> updates = [];
            source.Updated += (update, _) => updates.Add(update.ToArray());
            YText text = source.GetText("t");
            for (int i = 0; i < count; i++)
                text.Insert(i / 2, "ab");
            updates.Reverse();
            return Allocated(() =>
            {
                YDoc doc = new();
                foreach (byte[] update in updates)
                    doc.ApplyUpdate(update);
                Assert.Equal(text.ToString(), doc.GetText("t").ToString());
            });
        }
    }

    [Fact]
    public void What_waits_is_known_once_however_often_it_comes()
    {
        YDoc doc = new();
        byte[] update = new UpdateBuilder().Section(1, 5).Text("waits", new Id(1, 4)).Delete(2, 7, 3).Build();
        doc.ApplyUpdate(update);
        byte[] once = doc.EncodeStateAsUpdate();
        for (int i = 0; i < 200; i++)
            doc.ApplyUpdate(update);
        Assert.Equal(once, doc.EncodeStateAsUpdate());
    }

    [Fact]
    public void What_waits_is_handed_on_and_found_by_those_who_have_the_rest()
    {
        YDoc author = new(new YDocOptions { ClientId = 1 });
        List<byte[]> updates = [];
        author.Updated += (update, _) => updates.Add(update.ToArray());
        author.GetText("t").Insert(0, "first ");
        author.GetText("t").Insert(6, "second ");
        author.GetText("t").Insert(13, "third");
        author.GetText("t").Delete(6, 7);

        YDoc relay = new();
        relay.ApplyUpdate(updates[3]);
        relay.ApplyUpdateV2(YUpdate.ConvertV1ToV2(updates[2]));
        YDoc reader = new();
        reader.ApplyUpdate(updates[0]);
        reader.ApplyUpdate(relay.EncodeStateAsUpdate(reader.EncodeStateVector()));
        Assert.Equal("first ", reader.GetText("t").ToString());
        Assert.True(reader.HasPending);
        reader.ApplyUpdateV2(relay.EncodeStateAsUpdateV2(reader.EncodeStateVector()));
        reader.ApplyUpdate(updates[1]);
        Assert.Equal("first third", reader.GetText("t").ToString());
        Assert.False(reader.HasPending);
        DocInvariants.Check(reader);
    }

    [Fact]
    public void The_text_of_one_client_is_not_held_up_by_an_orphan_of_another()
    {
        YDoc doc = new();
        doc.ApplyUpdate(new UpdateBuilder()
            .Section(9, 3).Text("orphan", new Id(9, 2))
            .Section(5, 0).Text("mine").Text("depends", new Id(9, 4)).Text("behind", new Id(5, 3))
            .Section(3, 0).Text("yours", root: "u")
            .Build());
        Assert.Equal("mine", doc.GetText("t").ToString());
        Assert.Equal("yours", doc.GetText("u").ToString());
        doc.ApplyUpdate(new UpdateBuilder().Section(9, 0).Text("abc").Build());
        Assert.False(doc.HasPending);
        Assert.Equal(4U + 7 + 6, doc.GetStateVector()[5]);
        DocInvariants.Check(doc);
    }

    internal static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
