namespace CoEdit.Protocol.Tests;

/// <summary>Which entries the table takes, what it relays of them, and what it forgets when.</summary>
public class AwarenessAcceptTests
{
    private readonly AwarenessTable _table = new();

    [Fact]
    public void A_first_state_is_stored_and_relayed_as_the_text_it_came_in()
    {
        AwarenessPeer peer = _table.Join();
        const string odd = """ {"name" : "Zoë \ud83d", "n":1e999} """;

        AwarenessEffects effects = _table.Apply(peer, Inner.Of(0x41, 1, odd), 0);

        Inner.AssertIs(effects.Relay, (0x41, 1, odd));
        Inner.AssertIs(_table.EncodeAll(), (0x41, 1, odd));
        Assert.Equal(1, _table.Count);
    }

    [Fact]
    public void The_bytes_are_those_a_client_would_write()
    {
        AwarenessPeer peer = _table.Join();

        Assert.Equal("014101077b2275223a317d", Hex.Of(_table.Apply(peer, Hex.Bytes("014101077b2275223a317d"), 0).Relay));
        Assert.Equal("014101077b2275223a317d", Hex.Of(_table.EncodeAll()));
        Assert.Equal("014101046e756c6c", Hex.Of(_table.Leave(peer, 0)));
        Assert.Null(_table.EncodeAll());
    }

    [Fact]
    public void A_state_at_clock_0_is_not_visible()
    {
        AwarenessPeer peer = _table.Join();

        Assert.Equal(default, _table.Apply(peer, Inner.Of(1, 0, "{}"), 0));
        Assert.Null(_table.EncodeAll());
        Assert.Null(_table.Leave(peer, 0));
        Assert.Equal(0, _table.RememberedCount);
    }

    [Fact]
    public void Only_a_higher_clock_replaces_a_state()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 5, """{"a":1}"""), 0);

        Assert.Null(_table.Apply(peer, Inner.Of(1, 5, """{"a":2}"""), 0).Relay);
        Assert.Null(_table.Apply(peer, Inner.Of(1, 4, """{"a":3}"""), 0).Relay);
        Assert.Equal("""1@5={"a":1}""", Inner.Describe(_table));
        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 6, """{"a":4}"""), 0).Relay, (1, 6, """{"a":4}"""));
    }

    [Fact]
    public void A_refresh_with_the_same_text_is_relayed()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 1, "{}"), 0);

        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 2, "{}"), 15_000).Relay, (1, 2, "{}"));
    }

    [Fact]
    public void A_removal_counts_at_the_same_clock_but_only_once()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 3, "{}"), 0);

        Assert.Null(_table.Apply(peer, Inner.Of(1, 2, Inner.Gone), 0).Relay);
        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 3, Inner.Gone), 0).Relay, (1, 3, Inner.Gone));
        Assert.Null(_table.Apply(peer, Inner.Of(1, 3, Inner.Gone), 0).Relay);
        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 4, Inner.Gone), 0).Relay, (1, 4, Inner.Gone));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void A_removal_keeps_the_clock()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 3, "{}"), 0);
        _table.Leave(peer, 0);

        AwarenessPeer again = _table.Join();
        Assert.Null(_table.Apply(again, Inner.Of(1, 3, "{}"), 0).Relay);
        Inner.AssertIs(_table.Apply(again, Inner.Of(1, 4, "{}"), 0).Relay, (1, 4, "{}"));
    }

    [Theory]
    [InlineData(" null")]
    [InlineData("null\n")]
    public void A_null_with_white_space_is_a_removal_too_because_clients_parse_it_as_one(string json)
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 1, "{}"), 0);

        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 1, json), 0).Relay, (1, 1, Inner.Gone));
    }

    [Fact]
    public void Entries_of_one_update_count_in_order_and_each_client_is_relayed_once()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 1, "{}"), 0);

        AwarenessEffects effects = _table.Apply(
            peer, Inner.Of((2, 1, "1"), (1, 2, "2"), (2, 2, "3"), (2, 1, "4"), (3, 1, "5"), (3, 1, Inner.Gone)), 0);

        Inner.AssertIs(effects.Relay, (2, 2, "3"), (1, 2, "2"), (3, 1, Inner.Gone));
        Assert.Equal("1@2=2 2@2=3", Inner.Describe(_table));
    }

    [Fact]
    public void Only_accepted_entries_are_relayed()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 5, "1"), 0);
        _table.Apply(peer, Inner.Of(2, 5, "1"), 0);

        Inner.AssertIs(_table.Apply(peer, Inner.Of((1, 5, "2"), (2, 6, "2"), (3, 0, "2")), 0).Relay, (2, 6, "2"));
        Assert.Null(_table.Apply(peer, Inner.Of((1, 5, "2"), (2, 6, "2")), 0).Relay); // an echo of all that was relayed
    }

    [Fact]
    public void The_largest_client_id_is_kept_whole()
    {
        const ulong largest = (1UL << 53) - 1;
        AwarenessPeer peer = _table.Join();

        Inner.AssertIs(_table.Apply(peer, Inner.Of(largest, 1, "{}"), 0).Relay, (largest, 1, "{}"));
        Inner.AssertIs(_table.Leave(peer, 0), (largest, 1, Inner.Gone));
    }

    [Fact]
    public void Bytes_after_the_last_entry_are_ignored_as_clients_do()
    {
        AwarenessPeer peer = _table.Join();

        Inner.AssertIs(_table.Apply(peer, [.. Inner.Of(1, 1, "{}"), 0xff, 0xff], 0).Relay, (1, 1, "{}"));
    }

    [Fact]
    public void A_state_that_was_not_refreshed_for_30_seconds_expires_at_its_clock()
    {
        AwarenessPeer a = _table.Join();
        AwarenessPeer b = _table.Join();
        _table.Apply(a, Inner.Of(1, 7, "{}"), 1_000);
        _table.Apply(b, Inner.Of(2, 1, "{}"), 2_000);

        Assert.Null(_table.Expire(30_999));
        Inner.AssertIs(_table.Expire(31_000), (1, 7, Inner.Gone));
        Assert.Null(_table.Expire(31_000));
        _table.Apply(b, Inner.Of(2, 2, "{}"), 31_500);
        Assert.Null(_table.Expire(61_499));
        Inner.AssertIs(_table.Expire(61_500), (2, 2, Inner.Gone));

        // Its socket is still its home: the client, told of the removal, is back with the next clock.
        Inner.AssertIs(_table.Apply(a, Inner.Of(1, 8, "{}"), 62_000).Relay, (1, 8, "{}"));
        Inner.AssertIs(_table.Leave(a, 62_000), (1, 8, Inner.Gone));
    }

    [Fact]
    public void An_entry_that_was_not_accepted_refreshes_nothing()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 1, "{}"), 0);
        _table.Apply(peer, Inner.Of(1, 1, "{}"), 29_000);

        Inner.AssertIs(_table.Expire(30_000), (1, 1, Inner.Gone));
    }

    [Fact]
    public void The_timeout_is_an_option()
    {
        var table = new AwarenessTable(new AwarenessOptions { Timeout = TimeSpan.FromMilliseconds(5) });
        table.Apply(table.Join(), Inner.Of(1, 1, "{}"), 0);

        Assert.Null(table.Expire(4));
        Assert.NotNull(table.Expire(5));
    }

    [Fact]
    public void The_states_are_listed_with_client_clock_and_text()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(1, 3, """{"n":"ключ"}"""), 0);
        IReadOnlyCollection<AwarenessState> before = _table.States;
        _table.Apply(peer, Inner.Of(1, 4, "{}"), 0);

        AwarenessState state = Assert.Single(before);
        Assert.Equal((1UL, 3UL), (state.ClientId, state.Clock));
        Assert.Equal("""{"n":"ключ"}""", System.Text.Encoding.UTF8.GetString(state.Json.Span));
    }

    [Fact]
    public void A_peer_belongs_to_its_table_until_it_leaves()
    {
        AwarenessPeer peer = _table.Join();
        var other = new AwarenessTable();

        Assert.Throws<ArgumentException>(() => other.Apply(peer, [0], 0));
        Assert.Throws<ArgumentException>(() => other.Leave(peer, 0));
        Assert.Null(other.EncodeHomeRemoval(peer));
        Assert.Null(_table.Leave(peer, 0));
        Assert.Null(_table.Leave(peer, 0));
        Assert.Throws<ArgumentException>(() => _table.Apply(peer, [0], 0));
    }
}
