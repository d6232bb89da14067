using CoEdit.Crdt;

namespace CoEdit.Protocol.Tests;

/// <summary>What hostile bytes and greedy peers can do: cost themselves something, and nobody else.</summary>
public class AwarenessLimitTests
{
    public static TheoryData<string> MalformedUpdates => new(
        "", // no count
        "01", // no entry
        "01 41", "01 41 01", "01 41 01 02 7b", // truncated
        "ff ff ff ff 0f", // 2^32 - 1 entries
        "ff ff ff ff 0f 41 01 02 7b 7d",
        "ff ff ff ff ff ff ff 0f", // 2^53 - 1 entries
        "01 ff ff ff ff ff ff ff ff 7f 01 02 7b 7d", // a client id above 53 bits
        "01 41 ff ff ff ff ff ff ff ff 7f 02 7b 7d",
        "01 41 01 ff ff ff ff 0f 7b 7d", // a text of 2^32 - 1 bytes
        "01 41 01 ff ff ff ff ff ff ff 0f 7b 7d",
        "01 41 01 00", // no JSON at all
        "01 41 01 01 7b", // {
        "01 41 01 02 7b 5d", // {]
        "01 41 01 03 7b 7d 7d", // {}}
        "01 41 01 04 4e 75 6c 6c", // Null
        "01 41 01 03 4e 61 4e", // NaN
        "01 41 01 01 00",
        "01 41 01 04 22 c3 28 22", // not UTF-8
        "01 41 01 05 22 ed a0 80 22", // an encoded surrogate
        "01 41 01 05 ef bb bf 7b 7d", // a byte order mark
        "02 41 02 02 7b 7d 42 01 01 7b"); // good, then bad

    [Theory]
    [MemberData(nameof(MalformedUpdates))]
    public void A_malformed_update_is_refused_and_changes_nothing(string hex)
    {
        var table = new AwarenessTable();
        AwarenessPeer peer = table.Join();
        table.Apply(peer, Inner.Of((0x41, 1, "{}"), (0x42, 1, "{}")), 0);
        byte[]? before = table.EncodeAll();

        Assert.Throws<MalformedUpdateException>(() => table.Apply(peer, Hex.Bytes(hex), 0));
        Assert.Equal(before, table.EncodeAll());
        Assert.Equal(0, table.RememberedCount);

        var fresh = new AwarenessTable();
        AwarenessPeer first = fresh.Join();
        Assert.Throws<MalformedUpdateException>(() => fresh.Apply(first, Hex.Bytes(hex), 0));
        Assert.Null(first.Home);
        Assert.False(first.HasAnnounced);
    }

    [Fact]
    public void Nesting_is_limited_and_needs_no_stack()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxStateBytes = 4_000_000 });
        AwarenessPeer peer = table.Join();

        Assert.NotNull(table.Apply(peer, Inner.Of(1, 1, Nested(64)), 0).Relay);
        Assert.Throws<MalformedUpdateException>(() => table.Apply(peer, Inner.Of(1, 2, Nested(65)), 0));
        Assert.Throws<MalformedUpdateException>(() => table.Apply(peer, Inner.Of(1, 2, new string('[', 2_000_000)), 0));
    }

    [Fact]
    public void An_oversized_state_is_dropped_without_an_answer()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxStateBytes = 6 });
        AwarenessPeer peer = table.Join();
        Assert.Equal(default, table.Apply(peer, Inner.Of(1, 1, "12345 7"), 0)); // nobody looks whether it is JSON
        Assert.NotNull(table.Apply(peer, Inner.Of(1, 2, "123456"), 0).Relay);

        Assert.Null(table.Apply(peer, Inner.Of(1, 3, "1234567"), 20_000).Relay);
        Inner.AssertIs(table.Apply(peer, Inner.Of((2, 1, "1234567"), (3, 1, "12")), 20_000).Relay, (3, 1, "12"));
        Assert.Equal("1@2=123456 3@1=12", Inner.Describe(table));
        Inner.AssertIs(table.Expire(30_000), (1, 2, Inner.Gone));
        Inner.AssertIs(table.Apply(peer, Inner.Of(1, 4, "1"), 30_001).Relay, (1, 4, "1")); // smaller again, visible again
    }

    [Fact]
    public void A_socket_keeps_a_limited_number_of_relayed_states_alive()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRelayedIds = 2 });
        AwarenessPeer peer = Connect(table, 1);

        Inner.AssertIs(table.Apply(peer, Inner.Of((10, 1, "1"), (11, 1, "1"), (12, 1, "1")), 0).Relay, (10, 1, "1"), (11, 1, "1"));
        Inner.AssertIs(table.Apply(peer, Inner.Of((10, 2, "1"), (12, 2, "1")), 0).Relay, (10, 2, "1")); // those it has may go on
        Inner.AssertIs(table.Apply(peer, Inner.Of((11, 1, Inner.Gone), (12, 3, "1")), 0).Relay, (11, 1, Inner.Gone), (12, 3, "1"));
        Connect(table, 10); // no longer a relayed one
        Inner.AssertIs(table.Apply(peer, Inner.Of((13, 1, "1"), (14, 1, "1")), 0).Relay, (13, 1, "1"));
        table.Expire(60_000);
        Inner.AssertIs(table.Apply(peer, Inner.Of((15, 1, "1"), (16, 1, "1"), (17, 1, "1")), 0).Relay, (15, 1, "1"), (16, 1, "1"));
        Assert.Equal(2, peer.RelayedCount);
    }

    [Fact]
    public void A_relayed_state_counts_for_the_socket_that_relayed_it_last()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRelayedIds = 1 });
        AwarenessPeer a = Connect(table, 1);
        AwarenessPeer b = Connect(table, 2);
        table.Apply(a, Inner.Of(10, 1, "1"), 0);

        Assert.NotNull(table.Apply(b, Inner.Of(10, 2, "1"), 0).Relay);
        Assert.Equal((0, 1), (a.RelayedCount, b.RelayedCount));
        Assert.Null(table.Apply(b, Inner.Of(11, 1, "1"), 0).Relay);
        Assert.NotNull(table.Apply(a, Inner.Of(11, 1, "1"), 0).Relay);
        table.Leave(b, 0);
        Assert.Null(table.Apply(a, Inner.Of(10, 3, "1"), 0).Relay); // a has its share
    }

    [Fact]
    public void Relayed_states_never_take_the_room_that_is_kept_for_sockets_of_their_own()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxClients = 4 });
        AwarenessPeer peer = Connect(table, 1);

        Inner.AssertIs(table.Apply(peer, Inner.Of((10, 1, "1"), (11, 1, "1")), 0).Relay, (10, 1, "1"));
        Connect(table, 2);
        Connect(table, 3);
        Assert.Equal(4, table.Count);
        AwarenessPeer late = table.Join();
        Assert.Equal(default, table.Apply(late, Inner.Of(4, 1, "{}"), 0)); // full
        Assert.NotNull(table.Apply(peer, Inner.Of(1, 2, "{}"), 0).Relay); // who is here may go on
        table.Apply(peer, Inner.Of(10, 1, Inner.Gone), 0);
        AwarenessEffects effects = table.Apply(late, Inner.Of(4, 2, "{}"), 0);
        Assert.NotNull(effects.Relay);
        Assert.NotNull(effects.NudgeSender);
    }

    [Fact]
    public void An_update_with_more_entries_than_a_room_can_hold_is_malformed()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxClients = 3 });
        AwarenessPeer peer = table.Join();
        (ulong, ulong, string)[] entries = [.. Enumerable.Range(1, 7).Select(i => ((ulong)i, 1UL, "1"))];

        Assert.Throws<MalformedUpdateException>(() => table.Apply(peer, Inner.Of(entries), 0));
        Assert.NotNull(table.Apply(peer, Inner.Of(entries[..6]), 0).Relay);
    }

    [Fact]
    public void The_clocks_of_removed_clients_are_remembered_up_to_a_limit_oldest_forgotten_first()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRemovedClients = 2 });
        foreach (ulong client in (ulong[])[1, 2, 3])
            table.Leave(Connect(table, client, clock: 5), 0);
        Assert.Equal(2, table.RememberedCount);

        Assert.NotNull(table.Apply(table.Join(), Inner.Of(1, 5, "{}"), 0).Relay); // forgotten
        Assert.Null(table.Apply(table.Join(), Inner.Of(3, 5, "{}"), 0).Relay);
    }

    [Fact]
    public void A_client_that_is_connected_or_visible_is_not_among_the_forgotten()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRemovedClients = 1 });
        AwarenessPeer hidden = Connect(table, 1, clock: 5);
        table.Apply(hidden, Inner.Of(1, 6, Inner.Gone), 0);
        foreach (ulong client in (ulong[])[2, 3, 4])
            table.Leave(Connect(table, client, clock: 5), 0);

        Assert.Null(table.Apply(hidden, Inner.Of(1, 6, "{}"), 0).Relay); // its clock is still known
        Assert.NotNull(table.Apply(hidden, Inner.Of(1, 7, "{}"), 0).Relay);
        Inner.AssertIs(table.Leave(hidden, 0), (1, 7, Inner.Gone));
    }

    [Fact]
    public void Removals_of_clients_that_nobody_knows_push_nothing_out_and_are_not_relayed()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRemovedClients = 3 });
        AwarenessPeer peer = Connect(table, 1);
        table.Leave(Connect(table, 2, clock: 5), 0);

        for (ulong client = 100; client < 200; client++)
            Assert.Null(table.Apply(peer, Inner.Of(client, 9, Inner.Gone), 0).Relay);
        Assert.Equal(3, table.RememberedCount);
        Assert.Null(table.Apply(peer, Inner.Of(100, 8, "{}"), 0).Relay); // but they count, as they do in every client
        Assert.Null(table.Apply(table.Join(), Inner.Of(2, 5, "{}"), 0).Relay);
    }

    [Fact]
    public void A_home_that_was_given_up_leaves_nothing_behind_that_is_not_counted()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRemovedClients = 2 });
        for (ulong client = 1; client <= 10; client++)
        {
            table.Leave(Connect(table, client, clock: 5), 0);
            AwarenessPeer peer = table.Join();
            Assert.NotNull(table.Apply(peer, Inner.Of(client, 5, "{}"), 0).NudgeSender);
            table.Apply(peer, Inner.Of(client, 5, Inner.Gone), 0);
            Assert.Null(peer.Home);
        }

        Assert.Equal(2, table.RememberedCount);
    }

    [Fact]
    public void Without_any_memory_the_table_still_works()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxRemovedClients = 0, MaxRelayedIds = 0 });
        AwarenessPeer peer = Connect(table, 1);

        Assert.Null(table.Apply(peer, Inner.Of((2, 1, "{}"), (3, 1, Inner.Gone)), 0).Relay);
        Inner.AssertIs(table.Leave(peer, 0), (1, 1, Inner.Gone));
        Assert.Equal(0, table.RememberedCount);
    }

    [Fact]
    public void Peers_that_come_and_go_leave_a_bounded_table_behind()
    {
        var table = new AwarenessTable(new AwarenessOptions { MaxClients = 20, MaxRemovedClients = 10 });
        var random = new Random(3);
        for (int i = 0; i < 5_000; i++)
        {
            AwarenessPeer peer = table.Join();
            table.Apply(peer, Inner.Of((ulong)random.NextInt64(1L << 53), (ulong)random.Next(3), "{}"), i);
            (ulong, ulong, string)[] relayed = [.. Enumerable.Range(0, 30).Select(
                _ => ((ulong)random.NextInt64(1L << 53), (ulong)random.Next(3), random.Next(2) == 0 ? "{}" : Inner.Gone))];
            table.Apply(peer, Inner.Of(relayed), i);
            table.Apply(peer, Inner.Of(relayed[0].Item1, 1, Inner.Gone), i);
            if (i % 50 == 0)
                table.Expire(i);
            table.Leave(peer, i);
            Assert.True(table.Count <= 20 && table.RememberedCount <= 10, $"{table.Count} states, {table.RememberedCount} clocks");
        }
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Refused(new AwarenessOptions { Timeout = TimeSpan.Zero });
        Refused(new AwarenessOptions { MaxStateBytes = 1 });
        Refused(new AwarenessOptions { MaxClients = 0 });
        Refused(new AwarenessOptions { MaxClients = 1_000_001 });
        Refused(new AwarenessOptions { MaxRemovedClients = -1 });
        Refused(new AwarenessOptions { MaxRelayedIds = -1 });
        Refused(new AwarenessOptions { MinNudgeInterval = TimeSpan.FromTicks(-1) });

        static void Refused(AwarenessOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new AwarenessTable(options));
    }

    private static AwarenessPeer Connect(AwarenessTable table, ulong client, ulong clock = 1)
    {
        AwarenessPeer peer = table.Join();
        table.Apply(peer, Inner.Of(client, clock, "{}"), 0);
        return peer;
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
