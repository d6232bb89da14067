namespace CoEdit.Load;

/// <summary>How much of everything a run does. Everything is bounded: rooms, peers, rates, seconds.</summary>
internal sealed record Sizes
{
    public static readonly Sizes Full = new();

    /// <summary>Small and short: the results are checked, the figures mean nothing.</summary>
    public static readonly Sizes Smoke = new()
    {
        WarmUp = TimeSpan.FromSeconds(0.2),
        Measured = TimeSpan.FromSeconds(0.5),
        Settle = TimeSpan.FromSeconds(0.2),
        SaturationRooms = 4,
        ManyRooms = 20,
        ManyRoomsRate = 200,
        CrowdPeers = 10,
        AwarenessPeers = 10,
        IdleConnections = 100,
        IdleRooms = 20,
        DocumentBytes = 20_000,
        ColdOpens = 2,
        DurabilityRooms = 4,
        DurabilityRate = 400,
        LongestLife = TimeSpan.FromSeconds(0.8),
    };

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(4);

    public TimeSpan Measured { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Rest before memory is read.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(5);

    public int SaturationRooms { get; init; } = 20;

    public int SaturationPeers { get; init; } = 5;

    /// <summary>Letters that each peer has on their way at any time.</summary>
    public int Window { get; init; } = 32;

    public int ManyRooms { get; init; } = 200;

    /// <summary>Updates per second, over all rooms.</summary>
    public int ManyRoomsRate { get; init; } = 1_000;

    public int CrowdPeers { get; init; } = 50;

    public int CrowdRate { get; init; } = 200;

    public int AwarenessPeers { get; init; } = 100;

    public int AwarenessRatePerPeer { get; init; } = 10;

    public int IdleConnections { get; init; } = 5_000;

    public int IdleRooms { get; init; } = 1_000;

    public int DocumentBytes { get; init; } = 245_000;

    /// <summary>Documents opened by one peer, and again as many by a crowd.</summary>
    public int ColdOpens { get; init; } = 7;

    public int DurabilityRooms { get; init; } = 20;

    public int DurabilityPeers { get; init; } = 3;

    public int DurabilityRate { get; init; } = 2_000;

    /// <summary>A server is killed at a random time before this.</summary>
    public TimeSpan LongestLife { get; init; } = TimeSpan.FromSeconds(4);
}
