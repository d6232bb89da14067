using System.Globalization;

namespace CoEdit.Load;

/// <summary>The generator's side of one run: rooms and their peers on one event loop.</summary>
internal sealed class Session(ServerProcess server) : IDisposable
{
    private const int ConnectsInFlight = 64;
    private const int VerifiedRooms = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(0.3);

    // A server that runs already may know documents of earlier runs.
    private readonly string _run = Environment.TickCount64.ToString("x", CultureInfo.InvariantCulture);
    private readonly List<Peer> _peers = [];

    public EventLoop Loop { get; } = new();

    public Tally Tally { get; } = new();

    public List<Room> Rooms { get; } = [];

    public IReadOnlyList<Peer> Peers => _peers;

    /// <summary>Connects <paramref name="size"/> peers to each of so many new rooms, a bounded number at a time, and waits until all are ready.</summary>
    /// <param name="query">Behind the address of each document; for peers that ask for something.</param>
    public void Open(int rooms, int size, string query = "")
    {
        int first = Rooms.Count;
        for (int i = 0; i < rooms; i++)
            Rooms.Add(new Room(first + i, RoomName(first + i), size, Tally));
        var opening = new Queue<Peer>();
        for (int index = 0; index < size; index++)
        {
            for (int room = first; room < Rooms.Count; room++)
            {
                while (opening.Count >= ConnectsInFlight)
                {
                    Loop.Turn(timeoutMs: 1);
                    CheckAlive(opening.Peek());
                    while (opening.TryPeek(out Peer? oldest) && oldest.IsReady)
                        opening.Dequeue();
                }

                Peer peer = Connect(Rooms[room], index, query);
                Rooms[room].Peers[index] = peer;
                opening.Enqueue(peer);
            }
        }

        WaitUntilReady(opening);
        if (server.Kind.Dialect == Dialect.Broadcast)
            Loop.RunFor(JoinTime); // that server never says when a peer is in its room
    }

    /// <summary>A document whose content the generator doesn't look at.</summary>
    public Room Foreign(string name) => new(0, _run + name, 0, Tally);

    public Peer Connect(Room room, int index, string query = "")
    {
        var peer = new Peer(Loop, server.Address, server.Kind.Target(room.Name) + query, server.Kind.Dialect, room, index);
        _peers.Add(peer);
        return peer;
    }

    public void WaitUntilReady(IEnumerable<Peer> peers)
    {
        foreach (Peer peer in peers)
        {
            if (!Loop.RunUntil(() => peer.IsReady || peer.Ended is not null, Patience))
                throw new WrongResultException($"a peer waits for its document for {Patience}. {server.Output}");
            CheckAlive(peer);
        }
    }

    /// <summary>Waits until everybody has everything.</summary>
    public void Drain()
    {
        Tally.ClosedLoop = false;
        foreach (Room room in Rooms)
        {
            foreach (Peer peer in room.Peers)
            {
                bool complete = Loop.RunUntil(() => peer.IsComplete || peer.Ended is not null, Patience);
                CheckAlive(peer);
                if (!complete)
                    throw new WrongResultException($"peer {peer.Index} of {room.Name} misses something after {Patience}. {server.Output}");
            }
        }
    }

    /// <summary>Compares what the server hands to newcomers with what was typed, letter by letter of every client.</summary>
    public void VerifyDocuments()
    {
        if (server.Kind.Dialect == Dialect.Broadcast)
            return;
        foreach (Room room in Rooms.Take(VerifiedRooms))
        {
            Peer observer = Connect(room, Peer.Observer);
            WaitUntilReady([observer]);
            if (!Loop.RunUntil(() => observer.IsComplete, Patience))
                throw new WrongResultException($"the document {room.Name} lacks something that every peer has.");
            observer.Dispose();
        }
    }

    public void Dispose() => Loop.Dispose();

    private string RoomName(int number) => string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}");

    private void CheckAlive(Peer peer)
    {
        if (peer.Ended is { } reason)
            throw new WrongResultException($"a connection ended: {reason}. {server.Output}");
    }
}
