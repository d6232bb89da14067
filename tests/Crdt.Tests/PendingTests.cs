using Xunit;

namespace CoEdit.Crdt.Tests;

public class PendingTests
{
    [Fact]
    public void A_gap_parks_what_comes_after_it_until_it_closes()
    {
        byte[] first = new UpdateBuilder().Section(1, 0).Text("ab").Build();
        byte[] second = new UpdateBuilder().Section(1, 2).Text("cd", new Id(1, 1)).Build();
        UpdateStore store = new();
        ApplyResult result = store.Apply(second);
        store.CheckInvariants();
        Assert.Equal((ApplyOutcome.Whole, true), (result.Outcome, result.Parked));
        Assert.True(store.HasPending);
        Assert.Equal((1, second.Length - 5L), (store.PendingStructs, store.PendingBytes));
        Assert.Equal([0], store.EncodeStateVector());
        Assert.Equal(Bytes.ToHex(second), store.Hex());
        Assert.Equal(Bytes.ToHex(second), Bytes.ToHex(store.NovelPart()));
        Assert.Equal(default, store.Apply(second));

        Assert.Equal(ApplyOutcome.Whole, store.Apply(first).Outcome);
        store.CheckInvariants();
        Assert.False(store.HasPending);
        Assert.Equal((0, 0L), (store.PendingStructs, store.PendingBytes));
        Assert.Equal(Bytes.ToHex(first), Bytes.ToHex(store.NovelPart()));
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("abcd").Build()), store.Hex());
    }

    [Fact]
    public void Every_order_of_delivery_ends_in_the_same_document()
    {
        // Two clients that answer each other: each struct needs the one before, of the other client.
        byte[][] updates =
        [
            new UpdateBuilder().Section(1, 0).Text("a").Build(),
            new UpdateBuilder().Section(2, 0).Text("b", new Id(1, 0)).Build(),
            new UpdateBuilder().Section(1, 1).Text("c", new Id(1, 0), new Id(2, 0)).Build(),
            new UpdateBuilder().Section(2, 1).Text("d", new Id(2, 0)).Text("e", new Id(1, 1)).Delete(1, 1, 1).Build(),
            new UpdateBuilder().Section(1, 2).Text("f", null, new Id(2, 2)).Build(),
        ];
        foreach (int[] order in Permutations(updates.Length))
        {
            UpdateStore store = new();
            foreach (int i in order)
            {
                Assert.NotEqual(ApplyOutcome.Nothing, store.Apply(updates[i]).Outcome);
                store.CheckInvariants();
                UpdateStore copy = Stores.From(store.EncodeState());
                Assert.Equal(store.EncodeStateVector(), copy.EncodeStateVector());
                Assert.Equal(store.PendingStructs, copy.PendingStructs);
            }

            Assert.False(store.HasPending);
            Assert.Equal("0202030103", Bytes.ToHex(store.EncodeStateVector()));
            Assert.Equal([new ClockRange(1, 1, 2)], store.Deletes());
        }
    }

    [Fact]
    public void Sections_that_depend_on_each_other_in_turn_are_applied_from_one_update()
    {
        const int Length = 500;
        UpdateBuilder one = new UpdateBuilder().Section(1, 0).Text("x");
        for (uint i = 1; i < Length; i++)
            one.Text("x", new Id(2, i - 1));
        one.Section(2, 0).Text("y", new Id(1, 0));
        for (uint i = 1; i < Length; i++)
            one.Text("y", new Id(1, i));
        UpdateStore store = new();
        ApplyResult result = store.Apply(one.Build());
        Assert.Equal((ApplyOutcome.Whole, false), (result.Outcome, result.Parked));
        Assert.Equal((uint)Length, store.StateOf(1));
        Assert.Equal((uint)Length, store.StateOf(2));
        Assert.False(store.HasPending);
        store.CheckInvariants();
    }

    [Fact]
    public void Only_the_tail_of_a_client_that_lacks_something_waits()
    {
        // Client 1: a, b, then c needs (3, 0), then d. Client 2 needs d. Client 4 needs nothing.
        byte[] update = new UpdateBuilder()
            .Section(4, 0).Text("free")
            .Section(2, 0).Text("u").Text("v", new Id(1, 3))
            .Section(1, 0).Text("a").Text("b", null, new Id(1, 0)).Text("c", new Id(3, 0)).Text("d", new Id(1, 1))
            .Build();
        UpdateStore store = new();
        ApplyResult result = store.Apply(update);
        store.CheckInvariants();
        Assert.Equal((ApplyOutcome.Whole, true), (result.Outcome, result.Parked));
        Assert.Equal([(4UL, 4u), (2UL, 1u), (1UL, 2u)], store.GetStateVector().OrderByDescending(e => e.Key).Select(e => (e.Key, e.Value)));
        Assert.Equal(3, store.PendingStructs);
        Assert.Equal(Bytes.ToHex(update), store.Hex());
        Assert.Equal(Bytes.ToHex(update), Bytes.ToHex(store.NovelPart()));

        store.Apply(new UpdateBuilder().Section(3, 0).Text("!").Build());
        store.CheckInvariants();
        Assert.False(store.HasPending);
        Assert.Equal(4u, store.StateOf(1));
        Assert.Equal(2u, store.StateOf(2));
    }

    [Fact]
    public void A_cycle_is_parked_for_ever_and_harms_nobody_else()
    {
        byte[] update = new UpdateBuilder()
            .Section(5, 0).Text("e", new Id(3, 0))
            .Section(3, 0).Text("c", new Id(2, 0))
            .Section(2, 0).Text("b", new Id(1, 0))
            .Section(1, 0).Text("a", new Id(3, 0))
            .Section(0, 0).Text("ok")
            .Build();
        UpdateStore store = new();
        Assert.True(store.Apply(update).Parked);
        store.CheckInvariants();
        Assert.Equal(4, store.PendingStructs);
        Assert.Equal("010002", Bytes.ToHex(store.EncodeStateVector()));
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(update).Outcome);
        store.Apply(new UpdateBuilder().Section(7, 0).Text("more").Build());
        Assert.Equal(4, store.PendingStructs);
        store.CheckInvariants();
    }

    [Fact]
    public void A_chain_of_ten_thousand_waiting_clients_is_released_by_its_first()
    {
        const uint Clients = 9_999;
        UpdateStore store = new();
        for (uint client = Clients; client > 0; client--)
            store.Apply(new UpdateBuilder().Section(client, 0).Text("x", new Id(client - 1, 0)).Build());
        Assert.Equal((int)Clients, store.PendingStructs);
        store.CheckInvariants();
        store.Apply(new UpdateBuilder().Section(0, 0).Text("x").Build());
        store.CheckInvariants();
        Assert.Equal(0, store.PendingStructs);
        Assert.Equal((int)Clients + 1, store.ClientCount);
    }

    [Fact]
    public void Newest_first_delivery_ends_like_oldest_first()
    {
        const uint Count = 9_000;
        byte[][] updates = new byte[Count][];
        updates[0] = new UpdateBuilder().Section(1, 0).Text("0").Build();
        for (uint i = 1; i < Count; i++)
            updates[i] = new UpdateBuilder().Section(1, i).Text("x", new Id(1, i - 1)).Build();
        UpdateStore forward = Stores.From(updates);
        UpdateStore backward = new();
        foreach (byte[] update in updates.Reverse())
        {
            Assert.Equal(ApplyOutcome.Whole, backward.Apply(update).Outcome);
            Assert.Equal(ApplyOutcome.Nothing, backward.Apply(update).Outcome);
        }

        backward.CheckInvariants();
        Assert.Equal(forward.Hex(), backward.Hex());
    }

    [Fact]
    public void Parked_structs_that_overlap_are_kept_once()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(1, 10).Text("klm", new Id(1, 9)).Build());
        store.Apply(new UpdateBuilder().Section(1, 4).Text("ef", new Id(1, 3)).Build());
        ApplyResult result = store.Apply(new UpdateBuilder().Section(1, 2).Text("cdefghijklmnop", new Id(1, 1)).Build());
        store.CheckInvariants();
        Assert.Equal((ApplyOutcome.Partial, true), (result.Outcome, result.Parked));
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 2)
                .Text("cd", new Id(1, 1)).Skip(2).Text("ghij", new Id(1, 5)).Skip(3).Text("nop", new Id(1, 12)).Build()),
            Bytes.ToHex(store.NovelPart()));
        store.Apply(new UpdateBuilder().Section(1, 0).Text("abc").Build());
        store.CheckInvariants();
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("abcdefghijklmnop").Build()), store.Hex());
    }

    [Fact]
    public void A_collected_copy_of_a_parked_struct_gets_in_without_what_it_needed()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(1, 0).Text("abc", new Id(2, 7), new Id(3, 1)).Build());
        Assert.Equal(1, store.PendingStructs);
        store.Apply(new UpdateBuilder().Section(1, 0).Gc(2).Build());
        store.CheckInvariants();
        Assert.Equal(2u, store.StateOf(1));
        Assert.Equal(1, store.PendingStructs);
        string half = store.Hex();
        Assert.Equal(half, Stores.From(store.EncodeState()).Hex());
        store.Apply(new UpdateBuilder().Section(1, 0).Gc(3).Build());
        store.CheckInvariants();
        Assert.False(store.HasPending);
        store.Apply(new UpdateBuilder().Section(2, 0).Gc(8).Section(3, 0).Gc(2).Build());
        store.CheckInvariants();
    }

    [Fact]
    public void The_rest_of_a_struct_needs_its_right_origin_but_no_longer_its_origin()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(1, 0).Text("abc", new Id(2, 7)).Build());
        store.Apply(new UpdateBuilder().Section(1, 0).Gc(2).Build());
        store.CheckInvariants();
        Assert.False(store.HasPending);
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Gc(2).Text("c", new Id(1, 1)).Delete(1, 0, 2).Build()), store.Hex());
    }

    [Fact]
    public void Deletes_of_structs_that_have_not_arrived_wait_for_them()
    {
        UpdateStore store = new();
        byte[] future = new UpdateBuilder().Delete(1, 1, 2).Build();
        ApplyResult result = store.Apply(future);
        Assert.Equal((ApplyOutcome.Whole, false), (result.Outcome, result.Parked));
        Assert.True(store.HasPending);
        Assert.False(store.IsEmpty);
        Assert.Equal(0, store.ClientCount);
        Assert.Equal([0], store.EncodeStateVector());
        Assert.Equal(Bytes.ToHex(future), store.Hex());
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(future).Outcome);
        store.Apply(new UpdateBuilder().Section(1, 0).Text("ab").Build());
        Assert.True(store.HasPending);
        store.Apply(new UpdateBuilder().Section(1, 2).Text("c", new Id(1, 1)).Build());
        Assert.False(store.HasPending);
        Assert.Equal([new ClockRange(1, 1, 3)], store.Deletes());
        store.CheckInvariants();
    }

    [Fact]
    public void Holes_are_written_as_skips_and_a_leading_hole_is_left_out()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(1, 5).Text("f", new Id(1, 4)).Skip(3).Text("j", new Id(1, 8)).Build());
        string expected = Bytes.ToHex(new UpdateBuilder().Section(1, 5).Text("f", new Id(1, 4)).Skip(3).Text("j", new Id(1, 8)).Build());
        Assert.Equal(expected, store.Hex());
        StateVector known = new() { };
        known[1] = 6;
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 9).Text("j", new Id(1, 8)).Build()), Bytes.ToHex(store.Diff(known)));
        known[1] = 10;
        Assert.Equal([0, 0], store.Diff(known));
        store.Apply(new UpdateBuilder().Section(1, 0).Text("ab").Build());
        known[1] = 1;
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 1)
                .Text("b", new Id(1, 0)).Skip(3).Text("f", new Id(1, 4)).Skip(3).Text("j", new Id(1, 8)).Build()),
            Bytes.ToHex(store.Diff(known)));
        store.CheckInvariants();
    }

    [Fact]
    public void The_missing_clocks_are_the_gaps_what_is_referred_to_and_what_was_deleted_before_it_came()
    {
        UpdateStore store = new();
        Assert.Empty(store.GetMissingClocks());
        store.Apply(new UpdateBuilder()
            .Section(9, 0).Text("ab")
            .Section(7, 0).Text("x", new Id(5, 3))
            .Section(5, 1).Text("y", new Id(5, 0)).Skip(1).Text("z", new Id(5, 2))
            .Section(4, 0).Text("w", new Id(3, 1))
            .Delete(9, 1, 4).Delete(2, 6, 1).Build());
        Assert.Equal(
            [new ClockRange(9, 2, 5), new ClockRange(5, 0, 1), new ClockRange(5, 2, 3), new ClockRange(3, 0, 2), new ClockRange(2, 0, 7)],
            store.GetMissingClocks());

        // (5, 3) is here and waits itself; with what it waits for everything of these two clients goes in.
        store.Apply(new UpdateBuilder().Section(5, 0).Text("abc").Build());
        Assert.Equal([new ClockRange(9, 2, 5), new ClockRange(3, 0, 2), new ClockRange(2, 0, 7)], store.GetMissingClocks());
        store.Apply(new UpdateBuilder()
            .Section(9, 2).Text("cde", new Id(9, 1)).Section(3, 0).Text("vv").Section(2, 0).Gc(7).Build());
        Assert.False(store.HasPending);
        Assert.Empty(store.GetMissingClocks());
        store.CheckInvariants();
    }

    [Fact]
    public void Of_a_cycle_nothing_is_missing()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(2, 0).Text("b", new Id(1, 0)).Section(1, 0).Text("a", new Id(2, 0)).Build());
        Assert.True(store.HasPending);
        Assert.Empty(store.GetMissingClocks());
    }

    private static IEnumerable<int[]> Permutations(int count)
    {
        if (count == 0)
            return [[]];
        return Permutations(count - 1).SelectMany(rest =>
            Enumerable.Range(0, count).Select(at => (int[])[.. rest[..at], count - 1, .. rest[at..]]));
    }
}
