namespace CoEdit.Protocol.Tests;

/// <summary>How somebody who comes back becomes visible at once, and sees the others at once.</summary>
public class AwarenessNudgeTests
{
    private readonly AwarenessTable _table = new();

    [Fact]
    public void The_first_state_of_a_connection_is_answered_with_a_nudge_and_the_answer_to_that_is_relayed()
    {
        AwarenessPeer peer = _table.Join();

        AwarenessEffects first = _table.Apply(peer, Inner.Of(1, 5, "{}"), 0);
        Inner.AssertIs(first.Relay, (1, 5, "{}"));
        Inner.AssertIs(first.NudgeSender, (1, 5, Inner.Gone));
        Assert.False(first.NudgeOthers);
        Assert.Equal("1@5={}", Inner.Describe(_table)); // only the client was told of a removal

        AwarenessEffects second = _table.Apply(peer, Inner.Of(1, 6, "{}"), 0);
        Inner.AssertIs(second.Relay, (1, 6, "{}"));
        Assert.Null(second.NudgeSender);
    }

    [Fact]
    public void A_state_at_clock_0_is_never_nudged_but_the_next_one_is()
    {
        AwarenessPeer peer = _table.Join();

        Assert.Null(_table.Apply(peer, Inner.Of(1, 0, "{}"), 0).NudgeSender);
        Assert.Null(_table.EncodeHomeRemoval(peer));
        Inner.AssertIs(_table.Apply(peer, Inner.Of(1, 1, "{}"), 0).NudgeSender, (1, 1, Inner.Gone));
    }

    [Fact]
    public void Somebody_who_comes_back_is_nudged_past_the_clock_that_everybody_remembers()
    {
        AwarenessPeer stays = Connect(2, 1);
        AwarenessPeer leaves = Connect(1, 5);
        _table.Leave(leaves, 0);
        AwarenessPeer back = _table.Join();

        AwarenessEffects effects = _table.Apply(back, Inner.Of(1, 5, "{}"), 10);
        Assert.Null(effects.Relay);
        Inner.AssertIs(effects.NudgeSender, (1, 5, Inner.Gone));
        Assert.True(effects.NudgeOthers);
        Inner.AssertIs(_table.EncodeHomeRemoval(stays), (2, 1, Inner.Gone));

        Inner.AssertIs(_table.Apply(back, Inner.Of(1, 6, "{}"), 20).Relay, (1, 6, "{}"));
        Inner.AssertIs(_table.Apply(stays, Inner.Of(2, 2, "{}"), 20).Relay, (2, 2, "{}"));
    }

    [Fact]
    public void The_nudge_carries_the_clock_of_the_table_when_that_is_higher()
    {
        AwarenessPeer leaves = Connect(1, 9);
        _table.Leave(leaves, 0);
        AwarenessPeer back = _table.Join();

        Inner.AssertIs(_table.Apply(back, Inner.Of(1, 5, "{}"), 0).NudgeSender, (1, 9, Inner.Gone));
        Inner.AssertIs(_table.Apply(back, Inner.Of(1, 10, "{}"), 0).Relay, (1, 10, "{}"));
    }

    [Fact]
    public void Somebody_who_comes_back_before_the_old_connection_was_found_dead_sees_the_others_too()
    {
        Connect(2, 1);
        AwarenessPeer halfOpen = Connect(1, 5);
        AwarenessPeer back = _table.Join();

        AwarenessEffects effects = _table.Apply(back, Inner.Of(1, 5, "{}"), 10);
        Assert.Null(effects.Relay);
        Inner.AssertIs(effects.NudgeSender, (1, 5, Inner.Gone));
        Assert.True(effects.NudgeOthers);
        _table.Apply(back, Inner.Of(1, 6, "{}"), 10);
        Assert.Null(_table.Leave(halfOpen, 20)); // no flicker
        Assert.Equal("1@6={} 2@1={}", Inner.Describe(_table));
    }

    [Fact]
    public void Somebody_whose_clock_went_on_while_it_was_away_is_accepted_and_still_sees_the_others_at_once()
    {
        AwarenessPeer stays = Connect(2, 1);
        _table.Leave(Connect(1, 5), 0);

        AwarenessEffects effects = _table.Apply(_table.Join(), Inner.Of(1, 8, "{}"), 10);
        Inner.AssertIs(effects.Relay, (1, 8, "{}"));
        Inner.AssertIs(effects.NudgeSender, (1, 8, Inner.Gone));
        Assert.True(effects.NudgeOthers);
        Inner.AssertIs(_table.EncodeHomeRemoval(stays), (2, 1, Inner.Gone));
    }

    [Fact]
    public void Somebody_who_is_new_makes_nobody_else_announce_itself()
    {
        Connect(2, 1);
        AwarenessPeer fresh = _table.Join();

        Assert.False(_table.Apply(fresh, Inner.Of(1, 0, "{}"), 10).NudgeOthers);
        Assert.False(_table.Apply(fresh, Inner.Of(1, 1, "{}"), 10).NudgeOthers);
    }

    [Fact]
    public void A_connection_is_nudged_once()
    {
        AwarenessPeer peer = Connect(1, 1);

        Assert.Null(_table.Apply(peer, Inner.Of(1, 2, Inner.Gone), 0).NudgeSender);
        Assert.Null(_table.Apply(peer, Inner.Of(1, 3, "{}"), 0).NudgeSender);
        Assert.Null(_table.Apply(peer, Inner.Of(1, 3, "{}"), 0).NudgeSender);
    }

    [Fact]
    public void Relayed_clients_are_never_nudged()
    {
        AwarenessPeer tab = Connect(1, 1);

        AwarenessEffects effects = _table.Apply(tab, Inner.Of((7, 3, "{}"), (8, 4, "{}")), 0);
        Assert.Null(effects.NudgeSender);
        Assert.False(effects.NudgeOthers);
        Inner.AssertIs(_table.EncodeHomeRemoval(tab), (1, 1, Inner.Gone));
    }

    [Fact]
    public void Nobody_without_a_state_is_nudged()
    {
        AwarenessPeer silent = _table.Join();
        AwarenessPeer hidden = Connect(1, 1);
        _table.Apply(hidden, Inner.Of(1, 2, Inner.Gone), 0);

        Assert.Null(_table.EncodeHomeRemoval(silent));
        Assert.Null(_table.EncodeHomeRemoval(hidden));
    }

    [Fact]
    public void Rounds_of_nudges_are_a_second_apart_and_one_that_came_too_soon_is_made_up_for()
    {
        foreach (ulong client in (ulong[])[1, 2, 3])
            _table.Leave(Connect(client, 5), 0);
        AwarenessPeer other = Connect(9, 1);

        Assert.True(_table.Apply(_table.Join(), Inner.Of(1, 5, "{}"), 1_000).NudgeOthers);
        AwarenessEffects tooSoon = _table.Apply(_table.Join(), Inner.Of(2, 5, "{}"), 1_999);
        Assert.False(tooSoon.NudgeOthers);
        Assert.NotNull(tooSoon.NudgeSender); // its own nudge does not wait
        AwarenessEffects madeUpFor = _table.Apply(other, Inner.Of(9, 2, "{}"), 2_000);
        Assert.True(madeUpFor.NudgeOthers);
        Inner.AssertIs(madeUpFor.NudgeSender, (9, 2, Inner.Gone)); // whoever happens to speak takes part in the round
        Assert.False(_table.Apply(other, Inner.Of(9, 3, "{}"), 9_000).NudgeOthers);
        Assert.True(_table.Apply(_table.Join(), Inner.Of(3, 5, "{}"), 9_001).NudgeOthers);
    }

    [Fact]
    public void The_clock_above_which_no_client_is_believed_is_never_asked_for()
    {
        const ulong highest = 1UL << 52;
        AwarenessPeer peer = _table.Join();

        Assert.Equal(default, _table.Apply(peer, Inner.Of(1, (1UL << 53) - 1, "{}"), 0));
        Assert.Equal(default, _table.Apply(peer, Inner.Of(1, highest + 1, Inner.Gone), 0));
        AwarenessEffects effects = _table.Apply(peer, Inner.Of(1, highest, "{}"), 0);
        Inner.AssertIs(effects.Relay, (1, highest, "{}"));
        Assert.Null(effects.NudgeSender);
        Assert.Null(_table.EncodeHomeRemoval(peer));
    }

    [Fact]
    public void A_client_whose_clock_a_stranger_drove_up_while_it_was_away_gets_past_it()
    {
        const ulong highestOfStrangers = 1UL << 40;
        _table.Leave(Connect(1, 5), 0);
        AwarenessPeer stranger = Connect(2, 1);
        Assert.Null(_table.Apply(stranger, Inner.Of(1, highestOfStrangers + 1, Inner.Gone), 0).Relay);
        Assert.NotNull(_table.Apply(stranger, Inner.Of(1, highestOfStrangers, Inner.Gone), 0).Relay);

        AwarenessPeer back = _table.Join();
        Inner.AssertIs(_table.Apply(back, Inner.Of(1, 5, "{}"), 0).NudgeSender, (1, highestOfStrangers, Inner.Gone));
        Inner.AssertIs(_table.Apply(back, Inner.Of(1, highestOfStrangers + 1, "{}"), 0).Relay, (1, highestOfStrangers + 1, "{}"));
    }

    private AwarenessPeer Connect(ulong client, ulong clock)
    {
        AwarenessPeer peer = _table.Join();
        _table.Apply(peer, Inner.Of(client, clock, "{}"), 0);
        return peer;
    }
}
