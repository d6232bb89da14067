using System.Text;
using System.Text.Json;

namespace CoEdit.Protocol.Tests;

/// <summary>What changes when connections belong to users: nobody speaks for another's client or under another's name.</summary>
public class AwarenessIdentityTests
{
    private readonly AwarenessTable _table = new();

    [Fact]
    public void A_home_of_one_user_is_not_taken_by_another_even_in_the_first_message()
    {
        AwarenessPeer ada = Connect("ada", 1, 1);
        AwarenessPeer eve = Connect("eve", 1, 5, """{"forged":true}""");

        Assert.Equal("1@1={}", Inner.Describe(_table));
        Assert.Null(_table.Apply(eve, Inner.Of(1, 6, Inner.Gone), 0).Relay);
        Assert.Null(_table.Leave(eve, 0));
        Inner.AssertIs(_table.Apply(ada, Inner.Of(1, 2, "{}"), 0).Relay, (1, 2, "{}"));
    }

    [Fact]
    public void A_second_connection_of_the_same_user_may_take_it_over()
    {
        Connect("ada", 1, 1);
        AwarenessPeer again = _table.Join(new AwarenessIdentity("ada"));

        Inner.AssertIs(_table.Apply(again, Inner.Of(1, 2, "{}"), 0).Relay, (1, 2, "{}"));
    }

    [Fact]
    public void The_client_stays_its_owners_after_the_connection_has_ended()
    {
        AwarenessPeer ada = Connect("ada", 1, 1);
        _table.Leave(ada, 0);
        AwarenessPeer eve = Connect("eve", 9, 1);

        Assert.Null(_table.Apply(eve, Inner.Of(1, 2, "{}"), 0).Relay);
        Connect("eve", 1, 7);
        Assert.Equal("9@1={}", Inner.Describe(_table));

        Connect("ada", 1, 2);
        Assert.Equal("1@2={} 9@1={}", Inner.Describe(_table));
    }

    [Fact]
    public void An_echo_does_not_keep_the_owner_out()
    {
        AwarenessPeer tab = Connect("ada", 2, 1);
        _table.Apply(tab, Inner.Of(1, 3, "{}"), 0); // relayed: nobody's home yet
        AwarenessPeer silent = Connect("eve", 1, 3); // repeats what it was told

        AwarenessPeer ada = _table.Join(new AwarenessIdentity("ada"));
        Inner.AssertIs(_table.Apply(ada, Inner.Of(1, 4, "{}"), 0).Relay, (1, 4, "{}"));

        Assert.Null(_table.Apply(silent, Inner.Of(1, 5, """{"forged":true}"""), 0).Relay);
        Assert.Equal("1@4={} 2@1={}", Inner.Describe(_table));
    }

    [Theory]
    [InlineData("""{}""", """{"user":{"id":"ada","name":"Ada \"☼\""}}""")]
    [InlineData("""{"cursor":{"x":[1,{"user":2}]},"user":{"name":"Bob","color":"#fff","id":7}}""",
        """{"cursor":{"x":[1,{"user":2}]},"user":{"color":"#fff","id":"ada","name":"Ada \"☼\""}}""")]
    [InlineData("""{"user":"Bob","a":1}""", """{"a":1,"user":{"id":"ada","name":"Ada \"☼\""}}""")]
    [InlineData("""{"\u0075ser":{"n\u0061me":"Bob"}, "user" : {"name":"Bob"} , "a" : "\ud800"}""",
        """{"a" : "\ud800","user":{"id":"ada","name":"Ada \"☼\""}}""")]
    public void A_stamped_state_names_its_user_and_keeps_the_rest(string sent, string expected)
    {
        AwarenessPeer ada = _table.Join(new AwarenessIdentity("ada", "Ada \"☼\""));

        _table.Apply(ada, Inner.Of(1, 1, sent), 0);

        string json = Encoding.UTF8.GetString(Assert.Single(_table.States).Json.ToArray());
        Assert.Equal(Normalize(expected), Normalize(json));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"Bob\"")]
    [InlineData("7")]
    public void A_state_that_is_no_object_has_no_user_to_stamp(string sent)
    {
        AwarenessPeer ada = _table.Join(new AwarenessIdentity("ada", "Ada"));

        _table.Apply(ada, Inner.Of(1, 1, sent), 0);

        Assert.Equal("1@1=" + sent, Inner.Describe(_table));
    }

    private static string Normalize(string json) =>
        json.Contains("\\ud800", StringComparison.Ordinal) ? json.Replace("\\u263C", "☼", StringComparison.Ordinal).Replace("\\u0022", "\\\"", StringComparison.Ordinal)
        : JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

    private AwarenessPeer Connect(string user, uint client, uint clock, string json = "{}")
    {
        AwarenessPeer peer = _table.Join(new AwarenessIdentity(user));
        _table.Apply(peer, Inner.Of(client, clock, json), 0);
        return peer;
    }
}
