namespace CoEdit.Protocol.Tests;

/// <summary>Whose connection may say what about whom, and what disappears with a connection.</summary>
public class AwarenessHomeTests
{
    private readonly AwarenessTable _table = new();

    [Fact]
    public void The_single_client_of_the_first_message_is_the_home_even_at_clock_0()
    {
        AwarenessPeer peer = _table.Join();
        AwarenessPeer other = Connect(2, 1);
        _table.Apply(peer, Inner.Of(1, 0, "{}"), 0);

        Assert.Null(_table.Apply(other, Inner.Of(1, 9, "{}"), 0).Relay);
        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 1, "{}"), 0).Relay, (1, 1, "{}"));
        Inner.AssertIs(_table.Leave(peer, 0), (1, 1, Inner.Gone));
    }

    [Fact]
    public void A_relayed_entry_for_a_client_with_an_open_home_is_dropped()
    {
        AwarenessPeer victim = Connect(1, 4);
        AwarenessPeer attacker = Connect(2, 1);

        Assert.Null(_table.Apply(attacker, Inner.Of(1, 5, """{"forged":true}"""), 0).Relay);
        Assert.Null(_table.Apply(attacker, Inner.Of(1, 4, Inner.Gone), 0).Relay);
        Assert.Null(_table.Apply(attacker, Inner.Of(1, 1_000, Inner.Gone), 0).Relay);
        Assert.Equal("1@4={} 2@1={}", Inner.Describe(_table));
        Inner.AssertIs(_table.Apply(victim, Inner.Of(1, 5, "{}"), 0).Relay, (1, 5, "{}"));
    }

    [Fact]
    public void A_forged_removal_as_the_very_first_message_is_dropped_too()
    {
        Connect(1, 4);
        AwarenessPeer attacker = _table.Join();

        Assert.Equal(default, _table.Apply(attacker, Inner.Of(1, 1_000, Inner.Gone), 0));
        Assert.Equal("1@4={}", Inner.Describe(_table));
    }

    [Fact]
    public void A_relayed_entry_for_a_client_without_a_home_is_accepted_belongs_to_nobody_and_expires()
    {
        AwarenessPeer tab = Connect(1, 1);

        Inner.AssertIs(_table.Apply(tab, Inner.Of(7, 3, "{}"), 0).Relay, (7, 3, "{}"));
        Inner.AssertIs(_table.Leave(tab, 10_000), (1, 1, Inner.Gone));
        Assert.Equal("7@3={}", Inner.Describe(_table));
        Inner.AssertIs(_table.Expire(30_000), (7, 3, Inner.Gone));
    }

    [Fact]
    public void A_relayed_client_that_connects_takes_itself_over()
    {
        AwarenessPeer tab = Connect(1, 1);
        _table.Apply(tab, Inner.Of(7, 3, "{}"), 0);

        AwarenessPeer own = Connect(7, 4);
        Assert.Null(_table.Apply(tab, Inner.Of(7, 5, "{}"), 0).Relay);
        Inner.AssertIs(_table.Leave(own, 0), (7, 4, Inner.Gone));
        Inner.AssertIs(_table.Apply(tab, Inner.Of(7, 5, "{}"), 0).Relay, (7, 5, "{}"));
    }

    [Fact]
    public void Closing_removes_only_the_home_and_only_with_its_last_connection()
    {
        AwarenessPeer first = Connect(1, 1);
        AwarenessPeer second = Connect(1, 1);
        AwarenessPeer third = Connect(1, 2);

        Assert.Null(_table.Leave(second, 0));
        Assert.Null(_table.Leave(first, 0));
        Assert.Equal("1@2={}", Inner.Describe(_table));
        Inner.AssertIs(_table.Leave(third, 0), (1, 2, Inner.Gone));
    }

    [Fact]
    public void A_second_connection_of_a_client_may_announce_and_remove_it()
    {
        AwarenessPeer first = Connect(1, 1);
        AwarenessPeer second = Connect(1, 1);

        Inner.AssertIs(_table.Apply(second, Inner.Of(1, 2, "{}"), 0).Relay, (1, 2, "{}"));
        Inner.AssertIs(_table.Apply(first, Inner.Of(1, 3, "{}"), 0).Relay, (1, 3, "{}"));
        Inner.AssertIs(_table.Apply(second, Inner.Of(1, 4, Inner.Gone), 0).Relay, (1, 4, Inner.Gone));
        Assert.Null(_table.Leave(second, 0));
        Assert.Null(_table.Leave(first, 0));
    }

    [Fact]
    public void The_newest_announcer_is_the_one_that_is_nudged()
    {
        AwarenessPeer first = Connect(1, 1);
        AwarenessPeer second = Connect(1, 1);
        Assert.NotNull(_table.EncodeHomeRemoval(first));
        Assert.Null(_table.EncodeHomeRemoval(second));

        _table.Apply(second, Inner.Of(1, 2, "{}"), 0);
        Assert.Null(_table.EncodeHomeRemoval(first));
        Inner.AssertIs(_table.EncodeHomeRemoval(second), (1, 2, Inner.Gone));

        _table.Leave(second, 0);
        Inner.AssertIs(_table.EncodeHomeRemoval(first), (1, 2, Inner.Gone));
    }

    [Fact]
    public void A_client_that_removed_itself_is_not_removed_again_when_its_connection_closes()
    {
        AwarenessPeer peer = Connect(1, 1);
        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 2, Inner.Gone), 0).Relay, (1, 2, Inner.Gone));

        Assert.Null(_table.Leave(peer, 0));
    }

    [Fact]
    public void A_client_may_disappear_and_reappear_on_one_connection()
    {
        AwarenessPeer peer = Connect(1, 1);
        _table.Apply(peer, Inner.Of(1, 2, Inner.Gone), 0);

        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 3, "{}"), 0).Relay, (1, 3, "{}"));
        Inner.AssertIs(_table.Leave(peer, 0), (1, 3, Inner.Gone));
    }

    [Fact]
    public void After_a_reconnect_the_new_connection_owns_the_client_although_its_clock_was_known()
    {
        AwarenessPeer first = Connect(1, 5);
        _table.Leave(first, 0);
        AwarenessPeer second = Connect(1, 5);
        _table.Apply(second, Inner.Of(1, 6, "{}"), 0);

        Inner.AssertIs(_table.Leave(second, 0), (1, 6, Inner.Gone));
    }

    [Fact]
    public void A_first_message_about_several_clients_names_no_home()
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of((1, 1, "{}"), (2, 1, "{}")), 0);

        Assert.Null(_table.EncodeHomeRemoval(peer));
        Assert.Null(_table.Leave(peer, 0));
        Assert.Equal("1@1={} 2@1={}", Inner.Describe(_table));
    }

    [Fact]
    public void A_viewer_that_only_echoes_finds_its_home_when_it_says_something_of_its_own()
    {
        Connect(1, 1);
        Connect(2, 1);
        AwarenessPeer viewer = _table.Join();

        _table.Apply(viewer, Inner.Of((1, 1, "{}"), (2, 1, "{}")), 0);
        _table.Apply(viewer, Inner.Of(1, 1, "{}"), 0); // echo of a refresh
        Assert.Null(viewer.Home);
        Inner.AssertIs(_table.Apply(viewer, Inner.Of(3, 1, "{}"), 0).Relay, (3, 1, "{}"));
        Inner.AssertIs(_table.Leave(viewer, 0), (3, 1, Inner.Gone));
    }

    [Fact]
    public void A_viewer_whose_first_message_is_the_echo_of_one_client_loses_that_home_when_it_echoes_the_nudge()
    {
        AwarenessPeer alone = Connect(1, 4);
        AwarenessPeer viewer = _table.Join();

        AwarenessEffects effects = _table.Apply(viewer, Inner.Of(1, 4, "{}"), 0);
        Inner.AssertIs(effects.NudgeSender, (1, 4, Inner.Gone));
        Assert.Null(_table.Apply(viewer, effects.NudgeSender, 1).Relay); // the viewer believes it and says so
        Assert.Null(viewer.Home);
        Assert.Equal("1@4={}", Inner.Describe(_table));

        _table.Apply(viewer, Inner.Of(9, 1, "{}"), 2);
        Inner.AssertIs(_table.Leave(viewer, 3), (9, 1, Inner.Gone));
        Inner.AssertIs(_table.Leave(alone, 3), (1, 4, Inner.Gone));
    }

    [Fact]
    public void A_home_never_changes_once_it_is_proven()
    {
        AwarenessPeer peer = Connect(1, 1);
        _table.Apply(peer, Inner.Of(2, 1, "{}"), 0);
        _table.Apply(peer, Inner.Of(2, 2, "{}"), 0);

        Inner.AssertIs(_table.Leave(peer, 0), (1, 1, Inner.Gone));
        Assert.Equal("2@2={}", Inner.Describe(_table));
    }

    private AwarenessPeer Connect(ulong client, ulong clock)
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(client, clock, "{}"), 0);
        return peer;
    }
}
