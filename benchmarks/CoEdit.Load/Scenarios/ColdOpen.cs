using System.Diagnostics;
using CoEdit.Crdt;

namespace CoEdit.Load;

/// <summary>Documents that are on disk but not in memory: how long until a peer, or a crowd that comes at once, has all of one.</summary>
/// <remarks>The process is warm (it has opened other documents), the file system's cache too.</remarks>
internal sealed class ColdOpen : Scenario
{
    private const int WarmUps = 5;
    private const string Root = "t";
    private static readonly TimeSpan DebouncedStore = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public override string Name => "cold-open";

    public override bool Restarts => true;

    public override IReadOnlyList<Column> Columns { get; } =
    [
        new("oneMs", "1 peer, ms"),
        new("crowdMs", "the last of the crowd, ms"),
        new("documentBytes", "bytes received", IsCompared: false),
    ];

    public override bool CanRun(ServerKind kind) => kind.Dialect != Dialect.Broadcast;

    public override string Describe(Sizes sizes) =>
        $"a document of {sizes.DocumentBytes / 1000} KB; one peer, {sizes.CrowdPeers} peers at once; median of {sizes.ColdOpens} documents each";

    public override IReadOnlyDictionary<string, double> Run(ServerProcess server, Sizes sizes)
    {
        byte[] document = Write(sizes.DocumentBytes);
        using var session = new Session(server);
        int count = WarmUps + (2 * sizes.ColdOpens);
        Room[] rooms = [.. Enumerable.Range(0, count).Select(number => session.Foreign($"-cold-{number}"))];
        foreach (Room room in rooms)
        {
            Peer author = session.Connect(room, Peer.Observer);
            session.WaitUntilReady([author]);
            author.SendUpdate(document);
            Peer reader = session.Connect(room, Peer.Observer);
            session.WaitUntilReady([reader]);
        }

        if (!server.Kind.IsDurable)
            session.Loop.RunFor(DebouncedStore); // nothing says when these have stored something
        session.Loop.CloseAll();
        server.Stop();
        server.Launch();

        foreach (Room room in rooms.Take(WarmUps))
            Open(session, room, sizes.CrowdPeers / 10, document.Length);
        double[] one = [.. rooms.Skip(WarmUps).Take(sizes.ColdOpens).Select(room => Open(session, room, 1, document.Length))];
        double[] crowd = [.. rooms.Skip(WarmUps + sizes.ColdOpens).Select(room => Open(session, room, sizes.CrowdPeers, document.Length))];
        VerifyText(session, rooms[^1], document);
        return new Dictionary<string, double>
        {
            ["oneMs"] = Statistics.Median(one),
            ["crowdMs"] = Statistics.Median(crowd),
            ["documentBytes"] = session.Peers[^1].DocumentBytes,
        };
    }

    private static double Open(Session session, Room room, int crowd, int expected)
    {
        session.Loop.RunFor(Pause);
        long started = EventLoop.Now;
        Peer[] peers = [.. Enumerable.Range(0, crowd).Select(_ => session.Connect(room, Peer.Observer))];
        session.WaitUntilReady(peers);
        // y-websocket's server says at first that the document is empty, and sends it as an update when it has read it.
        if (!session.Loop.RunUntil(() => peers.All(peer => peer.DocumentBytes > expected / 2), Patience))
            throw new WrongResultException($"the document {room.Name} came back with {peers[0].DocumentBytes} bytes; it had {expected}.");
        return (peers.Max(static peer => peer.LastPieceAt) - started) * 1000.0 / Stopwatch.Frequency;
    }

    /// <summary>The pieces that a newcomer gets make the same text: servers may send less than was written, without what was deleted.</summary>
    private static void VerifyText(Session session, Room room, byte[] document)
    {
        Peer reader = session.Connect(room, Peer.Observer);
        reader.Pieces = [];
        session.WaitUntilReady([reader]);
        var expected = new YDoc();
        expected.ApplyUpdate(document);
        var got = new YDoc();
        foreach (byte[] piece in reader.Pieces)
            got.ApplyUpdate(piece);
        if (got.GetText(Root).ToString() != expected.GetText(Root).ToString())
            throw new WrongResultException($"the document {room.Name} came back with another text.");
    }

    /// <summary>A text written word by word at places that wander, with some deletions; the same every time.</summary>
    private static byte[] Write(int bytes)
    {
        var doc = new YDoc(new YDocOptions { ClientId = 0x4433_2211 });
        YText text = doc.GetText(Root);
        uint seed = 1;
        int place = 0;
        byte[] state = [];
        while (state.Length < bytes)
        {
            for (int i = 0; i < 500; i++)
            {
                uint random = seed = (seed * 1664525) + 1013904223;
                if ((random >> 24) < 64)
                    place = (int)((random >> 4) % (uint)(text.Length + 1));
                place = Math.Min(place, text.Length);
                if ((random >> 28) == 0 && text.Length - place > 4)
                {
                    text.Delete(place, 4);
                    continue;
                }

                string word = Words[(int)((random >> 8) % (uint)Words.Length)];
                text.Insert(place, word);
                place += word.Length;
            }

            state = doc.EncodeStateAsUpdate();
        }

        return state;
    }

    private static readonly string[] Words = ["update ", "and ", "struct ", "the ", "client ", "of ", "a ", "room\n", "editor ", "is "];
}
