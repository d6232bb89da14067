namespace CoEdit.Protocol;

/// <summary>What an <see cref="AwarenessTable"/> knows about one connection: its home client and how many others it keeps alive.</summary>
/// <remarks>Made by <see cref="AwarenessTable.Join"/> and given back by <see cref="AwarenessTable.Leave"/>; opaque to everybody else.</remarks>
public sealed class AwarenessPeer
{
    internal AwarenessPeer(AwarenessTable table)
    {
        Table = table;
    }

    /// <summary>Null once the peer has left.</summary>
    internal AwarenessTable? Table { get; set; }

    /// <summary>The client this connection speaks for. Set once, by <see cref="AwarenessTable.Apply"/>.</summary>
    internal AwarenessEntry? Home { get; set; }

    /// <summary>The next older connection with the same home; see <see cref="AwarenessEntry.NewestHome"/>.</summary>
    internal AwarenessPeer? OlderHome { get; set; }

    /// <summary>True once a message of this connection carried a state: only the first such message names the home without further proof.</summary>
    internal bool HasAnnounced { get; set; }

    /// <summary>True once this connection had its nudge (or was found not to need it).</summary>
    internal bool WasNudged { get; set; }

    /// <summary>States in the table that live because this connection relayed them.</summary>
    internal int RelayedCount { get; set; }
}
