using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>What a hostile peer sends: refused with the documented exception, nothing changed, little memory used.</summary>
public class LimitTests
{
    [Theory]
    [InlineData("ffffffffffffff0f", "2^53 clients")]
    [InlineData("01 ffffffffffffff0f 01 00 00 01 00", "2^53 structs")]
    [InlineData("01 01 ffffffffffffff1f 00 00 01 00", "a client above 53 bits")]
    [InlineData("01 01 01 ffffffffffffff0f 00 01 00", "a clock above 31 bits")]
    [InlineData("01 01 01 00 00 ffffffffffffff0f 00", "GC of 2^53 units")]
    [InlineData("01 01 01 00 00 8080808008 00", "GC of 2^31 units")]
    [InlineData("01 02 01 00 00 feffffff07 00 02 00", "clocks that add up to more than 2^31 - 1")]
    [InlineData("01 01 01 00 0a 00 00", "a Skip without length")]
    [InlineData("01 01 01 00 00 00 00", "a GC without length")]
    [InlineData("00 ffffffffffffff0f", "2^53 clients in the delete set")]
    [InlineData("00 01 01 ffffffffffffff0f 00 01", "2^53 delete ranges")]
    [InlineData("00 01 01 01 00 808080808020", "a delete range of 2^40")]
    [InlineData("00 01 01 01 ffffffff07 01", "a delete range that ends above 2^31 - 1")]
    [InlineData("00", "no delete set")]
    [InlineData("", "nothing at all")]
    public void Impossible_numbers_are_malformed_and_cost_nothing(string hex, string why)
    {
        UpdateStore store = new();
        byte[] update = Bytes.FromHex(hex);
        Assert.Throws<MalformedUpdateException>(() => store.Apply(update));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            try
            {
                store.Apply(update);
                Assert.Fail(why);
            }
            catch (MalformedUpdateException)
            {
                Assert.True(store.IsEmpty);
            }
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20, why);
    }

    [Fact]
    public void The_largest_clock_can_be_reached_by_import_and_not_passed()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(1, 0).Gc(int.MaxValue).Build(), UpdateSource.Trusted);
        Assert.Equal((uint)int.MaxValue, store.StateOf(1));
        Assert.Throws<MalformedUpdateException>(() => store.Apply(new UpdateBuilder().Section(1, int.MaxValue).Gc(1).Build()));
        Assert.Equal([new ClockRange(1, 0, int.MaxValue)], store.Deletes());
        store.CheckInvariants();
    }

    [Fact]
    public void A_clock_jump_by_deleted_units_is_refused_from_a_peer_only()
    {
        UpdateStoreOptions options = new() { MaxDeletedRun = 100 };
        byte[] single = new UpdateBuilder().Section(1, 0).Gc(101).Build();
        byte[] together = new UpdateBuilder().Section(2, 0).Gc(50).Section(1, 0).Deleted(51).Build();
        foreach (byte[] update in new[] { single, together })
        {
            UpdateStore store = new(options);
            Refuses(store, update, UpdateLimit.DeletedRun);
            Assert.Equal(ApplyOutcome.Whole, store.Apply(update, UpdateSource.Trusted).Outcome);
            Assert.Equal(ApplyOutcome.Nothing, store.Apply(update).Outcome);
        }

        UpdateStore below = new(options);
        below.Apply(new UpdateBuilder().Section(1, 0).Gc(100).Build());
        Assert.Equal(100u, below.StateOf(1));
    }

    [Fact]
    public void A_document_cannot_grow_above_its_limit_but_can_be_loaded_above_it()
    {
        UpdateStore store = new(new UpdateStoreOptions { MaxStoredBytes = 200 });
        store.Apply(new UpdateBuilder().Section(1, 0).Text(new string('a', 150)).Build());
        byte[] large = new UpdateBuilder().Section(1, 150).Text(new string('b', 60), new Id(1, 149)).Build();
        Refuses(store, large, UpdateLimit.DocumentBytes);
        Refuses(store, new UpdateBuilder().Section(2, 5).Text(new string('b', 60), new Id(2, 4)).Build(), UpdateLimit.DocumentBytes);
        UpdateBuilder ranges = new();
        for (uint i = 0; i < 10; i++)
            ranges.Delete(1, 2 * i, 1);
        Refuses(store, ranges.Build(), UpdateLimit.DocumentBytes);
        store.Apply(large, UpdateSource.Trusted);
        Assert.Equal(210u, store.StateOf(1));
        Refuses(store, new UpdateBuilder().Section(1, 210).Text("c", new Id(1, 209)).Build(), UpdateLimit.DocumentBytes);
        Refuses(store, new UpdateBuilder().Delete(1, 0, 1).Build(), UpdateLimit.DocumentBytes);
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(large).Outcome);
    }

    [Fact]
    public void Fifty_thousand_roots_are_refused()
    {
        UpdateBuilder roots = new UpdateBuilder().Section(1, 0);
        for (int i = 0; i < 50_000; i++)
            roots.Text("x", root: $"r{i}");
        UpdateStore store = new();
        byte[] update = roots.Build();
        Refuses(store, update, UpdateLimit.Roots);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuses(store, update, UpdateLimit.Roots);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64L * update.Length);
    }

    [Fact]
    public void Roots_count_over_all_updates_and_once_each()
    {
        UpdateStore store = new(new UpdateStoreOptions { MaxRoots = 3 });
        for (ulong client = 1; client <= 5; client++)
            store.Apply(new UpdateBuilder().Section(client, 0).Text("x", root: "a").Text("x", root: "b").Build());
        store.Apply(new UpdateBuilder().Section(9, 0).Text("x", root: "c").Build());
        Refuses(store, new UpdateBuilder().Section(9, 1).Text("x", root: "d").Build(), UpdateLimit.Roots);
        store.Apply(new UpdateBuilder().Section(9, 1).Text("x", root: "b").Build());
    }

    [Fact]
    public void A_root_name_has_a_length_limit()
    {
        UpdateStore store = new();
        Refuses(store, new UpdateBuilder().Section(1, 0).Text("x", root: new string('é', 129)).Build(), UpdateLimit.RootNameLength);
        store.Apply(new UpdateBuilder().Section(1, 0).Text("x", root: new string('é', 128)).Build());
        store.Apply(new UpdateBuilder().Section(1, 1).Text("x", root: "").Build());
    }

    [Fact]
    public void Clients_are_limited_in_structs_and_in_deletes()
    {
        UpdateStore store = new(new UpdateStoreOptions { MaxClients = 3 });
        store.Apply(new UpdateBuilder().Section(1, 0).Gc(1).Section(2, 0).Gc(1).Build());
        Refuses(store, new UpdateBuilder().Section(3, 0).Gc(1).Section(4, 0).Gc(1).Build(), UpdateLimit.Clients);
        Refuses(store, new UpdateBuilder().Delete(3, 0, 1).Delete(4, 0, 1).Build(), UpdateLimit.Clients);
        store.Apply(new UpdateBuilder().Section(3, 0).Gc(1).Section(1, 1).Gc(1).Build());
        Refuses(store, new UpdateBuilder().Section(4, 0).Gc(1).Build(), UpdateLimit.Clients);
    }

    [Fact]
    public void A_flood_of_structs_that_wait_is_stopped_by_count_and_by_bytes()
    {
        UpdateStore store = new(new UpdateStoreOptions { MaxPendingStructs = 10, MaxPendingBytes = 100 });
        for (uint i = 0; i < 10; i++)
            store.Apply(new UpdateBuilder().Section(1, 2 * i + 5).Gc(1).Build());
        Refuses(store, new UpdateBuilder().Section(1, 50).Gc(1).Build(), UpdateLimit.Pending);
        Refuses(store, new UpdateBuilder().Section(2, 0).Text("x").Section(1, 50).Gc(1).Build(), UpdateLimit.Pending);
        store.Apply(new UpdateBuilder().Section(1, 50).Gc(1).Build(), UpdateSource.Trusted);
        store.Apply(new UpdateBuilder().Section(1, 0).Gc(100).Build());
        Assert.False(store.HasPending);
        Refuses(store, new UpdateBuilder().Section(2, 5).Text(new string('x', 100), new Id(2, 4)).Build(), UpdateLimit.Pending);

        UpdateBuilder holes = new UpdateBuilder().Section(3, 0);
        for (int i = 0; i < 5_000; i++)
            holes.Skip(1).Gc(1);
        Refuses(store, holes.Build(), UpdateLimit.Pending);
    }

    [Fact]
    public void An_update_of_a_hundred_thousand_clients_takes_memory_in_proportion()
    {
        UpdateBuilder builder = new();
        for (ulong client = 100_000; client > 0; client--)
            builder.Section(client * 7_919, 0).Gc(1);
        byte[] update = builder.Build();
        new UpdateStore().Apply(update);
        UpdateStore store = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        store.Apply(update);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 96L * update.Length, $"{allocated / update.Length} times the input");
        Assert.Equal(100_000, store.ClientCount);
    }

    [Fact]
    public void Client_ids_that_collide_in_a_plain_hash_do_not_slow_the_store_down()
    {
        // High and low half are the same: the framework's hash of each of these is 0.
        UpdateBuilder builder = new();
        HashSet<int> hashes = [];
        for (ulong i = 60_000; i > 0; i--)
        {
            builder.Section((i << 32) | i, 0).Gc(1);
            hashes.Add(ClientComparer.Instance.GetHashCode((i << 32) | i));
        }

        Assert.True(hashes.Count > 50_000);
        Assert.Equal(60_000, Stores.From(builder.Build()).ClientCount);
    }

    private static void Refuses(UpdateStore store, byte[] update, UpdateLimit limit)
    {
        string before = store.Hex();
        long pending = store.PendingBytes;
        UpdateLimitException exception = Assert.Throws<UpdateLimitException>(() => store.Apply(update));
        Assert.Equal(limit, exception.Limit);
        Assert.Equal(before, store.Hex());
        Assert.Equal(pending, store.PendingBytes);
        store.CheckInvariants();
    }
}
