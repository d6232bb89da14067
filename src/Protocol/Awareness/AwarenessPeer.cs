namespace CoEdit.Protocol;

/// <summary>What an <see cref="AwarenessTable"/> knows about one connection: its home client and how many others it keeps alive.</summary>
/// <remarks>Made by <see cref="AwarenessTable.Join"/>, given back by <see cref="AwarenessTable.Leave"/>; opaque to others.</remarks>
public sealed class AwarenessPeer
{
    internal AwarenessPeer(AwarenessTable table, AwarenessIdentity? identity)
    {
        Table = table;
        Identity = identity;
    }

    /// <summary>Who is behind the connection; null when nobody was asked.</summary>
    internal AwarenessIdentity? Identity { get; }

    /// <summary>Null once the peer has left.</summary>
    internal AwarenessTable? Table { get; set; }

    /// <summary>The client this connection speaks for, or null while that is not known.</summary>
    internal AwarenessEntry? Home { get; set; }

    /// <summary>False while all that this connection said about its home could also be an echo of what it was told.</summary>
    internal bool HomeIsProven { get; set; }

    /// <summary>The next older connection with the same home; see <see cref="AwarenessEntry.NewestHome"/>.</summary>
    internal AwarenessPeer? OlderHome { get; set; }

    /// <summary>True once a message of this connection carried a state: only the first such message names the home without proof.</summary>
    internal bool HasAnnounced { get; set; }

    /// <summary>The clock in the nudge that this connection was sent, or null before it. There is one nudge per connection.</summary>
    internal ulong? NudgeClock { get; set; }

    /// <summary>States in the table that live because this connection relayed them.</summary>
    internal int RelayedCount { get; set; }
}
