namespace CoEdit.Load;

/// <summary>kill -9 in the middle of typing: is everything there that the server had acknowledged?</summary>
internal sealed class KillNine : Scenario
{
    private static readonly TimeSpan RestOfTheSockets = TimeSpan.FromSeconds(5);

    public override string Name => "durability";

    public override bool Restarts => true;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("survivedPercent", "acknowledged letters that survived, %", IsCompared: false),
        new("acknowledged", "acknowledged", IsCompared: false),
        new("lost", "of these lost", IsCompared: false),
        new("typed", "typed", IsCompared: false),
    ];

    // y-websocket's server acknowledges nothing, the broadcast server keeps nothing.
    public override bool CanRun(ServerKind kind) => kind.IsAcknowledging;

    public override string Describe(Sizes sizes) =>
        $"{sizes.DurabilityRooms} rooms × {sizes.DurabilityPeers} peers, {sizes.DurabilityRate} updates/s in all; "
        + $"the server is killed at a random time within {sizes.LongestLife.TotalSeconds:0.#} s";

    public override IReadOnlyDictionary<string, double> Run(ServerProcess server, Sizes sizes)
    {
        uint[][] acknowledged;
        uint[][] durable;
        long typed;
        using (var session = new Session(server))
        {
            session.Open(sizes.DurabilityRooms, sizes.DurabilityPeers, server.Kind.Dialect == Dialect.YWebSocket ? "?ack=1" : "");
            Type(session, sizes);
            server.Kill();
            // What it wrote before its death still arrives, and counts.
            if (!session.Loop.RunUntil(() => session.Peers.All(static peer => peer.Ended is not null), RestOfTheSockets))
                throw new WrongResultException("a connection survived its server.");
            acknowledged = [.. session.Rooms.Select(static room => room.Peers.Select(static peer => peer.Acknowledged).ToArray())];
            typed = session.Tally.Sent;
            server.Launch();
            durable = [.. session.Rooms.Select(room => Read(session, room))];
        }

        long promised = acknowledged.Sum(static room => room.Sum(static letters => letters));
        if (promised == 0)
            throw new WrongResultException($"{server.Kind.Name} acknowledged nothing in its life.");
        long lost = 0;
        for (int room = 0; room < acknowledged.Length; room++)
            lost += acknowledged[room].Zip(durable[room], static (promise, kept) => Math.Max(0, (long)promise - kept)).Sum();
        if (lost > 0 && server.Kind.IsDurable)
            throw new WrongResultException($"{lost} of {promised} acknowledged letters are gone.");
        return new Dictionary<string, double>
        {
            ["survivedPercent"] = 100.0 * (promised - lost) / promised,
            ["acknowledged"] = promised,
            ["lost"] = lost,
            ["typed"] = typed,
        };
    }

    private static void Type(Session session, Sizes sizes)
    {
        double life = sizes.LongestLife.TotalSeconds * (0.1 + (0.9 * Random.Shared.NextDouble()));
        long start = EventLoop.Now;
        long end = start + EventLoop.Ticks(TimeSpan.FromSeconds(life));
        long interval = EventLoop.Ticks(TimeSpan.FromSeconds(1)) / sizes.DurabilityRate;
        long next = start;
        for (int turn = 0; EventLoop.Now < end;)
        {
            for (; next <= EventLoop.Now; next += interval)
                session.Peers[turn++ % session.Peers.Count].Type();
            session.Loop.Turn(timeoutMs: 1);
        }
    }

    private static uint[] Read(Session session, Room room)
    {
        Peer observer = session.Connect(room, Peer.Observer);
        session.WaitUntilReady([observer]);
        return observer.Seen.ToArray();
    }
}
