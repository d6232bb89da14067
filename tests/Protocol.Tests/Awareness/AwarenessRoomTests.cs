namespace CoEdit.Protocol.Tests;

/// <summary>A room of model clients over links that break in every way: in the end all see each other, without a refresh.</summary>
public class AwarenessRoomTests
{
    private const int Seeds = 2_000;

    [Fact]
    public void Clients_that_come_back_see_each_other_at_once()
    {
        for (int seed = 0; seed < Seeds; seed++)
            new Simulation(seed, viewers: 0).Run();
    }

    [Fact]
    public void Clients_without_a_state_see_everybody_and_disturb_nobody()
    {
        for (int seed = 0; seed < Seeds; seed++)
            new Simulation(seed, viewers: 2).Run();
    }

    private sealed class Link(ModelClient client, AwarenessPeer peer)
    {
        public readonly ModelClient Client = client;
        public readonly AwarenessPeer Peer = peer;
        public readonly Queue<byte[]> ToServer = new();
        public readonly Queue<byte[]> ToClient = new();
        public bool HalfOpen; // the client has given it up, the server does not know yet
        public bool HasSpoken; // a link that breaks before leaves no trace: who was on it waits for the others' next refresh
    }

    private sealed class Simulation
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly List<ModelClient> _clients = [];
        private readonly List<Link> _links = [];
        private AwarenessTable _table = new();
        private long _now;
        private int _delivered;

        public Simulation(int seed, int viewers)
        {
            _seed = seed;
            _random = new Random(seed);
            for (int i = 0; i < 3 + viewers; i++)
            {
                var client = new ModelClient((ulong)(100 + i));
                client.SetState("{}"); // clock 0, which nobody else would take in
                client.SetState(i < 3 ? """{"n":0}""" : null);
                _clients.Add(client);
            }
        }

        private IEnumerable<ModelClient> Visible => _clients.Take(3);

        public void Run()
        {
            for (int step = 0; step < 120; step++)
                Step();

            foreach (Link link in _links.Where(l => l.HalfOpen).ToArray())
                ServerNotices(link);
            foreach (ModelClient client in _clients)
                Connect(client);
            Drain();

            // A round of nudges may be owed; anything that anybody says a second later brings it about.
            _now += 1_000;
            _clients[0].SetState("""{"last":true}""");
            Drain();

            string expected = string.Join(" ", Visible.Select(c => $"{c.Id}={c.States[c.Id]}"));
            AssertEqual(expected, string.Join(" ", _table.States.OrderBy(s => s.ClientId).Select(
                s => $"{s.ClientId}={System.Text.Encoding.UTF8.GetString(s.Json.Span)}")));
            AssertAllSee(expected, Visible);

            // Nobody can tell that a client without a state has been here before: when it comes back, it waits for refreshes.
            foreach (ModelClient client in Visible)
                client.SetState(client.States[client.Id]);
            Drain();
            AssertAllSee(expected, _clients);

            foreach (ModelClient client in Visible)
                ServerNotices(_links.Single(l => l.Client == client));
            if (_clients.Count > Visible.Count())
                _table.Expire(_now + 30_000); // a viewer that echoed somebody who had just left passes for a second home of that client
            Assert.Equal(0, _table.Count);
        }

        private void AssertAllSee(string expected, IEnumerable<ModelClient> clients)
        {
            foreach (ModelClient client in clients)
                AssertEqual(expected, string.Join(" ", client.States.OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value}")));
        }

        private void AssertEqual(string expected, string actual) =>
            Assert.True(expected == actual, $"seed {_seed}: {actual} instead of {expected}");

        private void Step()
        {
            _now += _random.Next(200);
            ModelClient client = _clients[_random.Next(_clients.Count)];
            Link? link = _links.FirstOrDefault(l => l.Client == client && !l.HalfOpen);
            switch (_random.Next(20))
            {
                case < 3:
                    Connect(client);
                    break;
                case 3 when link is { HasSpoken: true }: // both ends notice
                    link.Client.Disconnected();
                    ServerNotices(link);
                    break;
                case 4 when link is { HasSpoken: true }: // only the client notices
                    GiveUp(link);
                    break;
                case 5:
                    if (_links.FirstOrDefault(l => l.HalfOpen) is { } dead)
                        ServerNotices(dead);
                    break;
                case 6 when _random.Next(4) == 0: // the server restarts
                    foreach (Link each in _links.Where(l => !l.HalfOpen))
                        each.Client.Disconnected();
                    _links.Clear();
                    _table = new AwarenessTable();
                    break;
                case 7 when _clients.IndexOf(client) < 3:
                    client.SetState($$"""{"n":{{_random.Next(100)}}}""");
                    break;
                default:
                    DeliverOne();
                    break;
            }
        }

        private void Connect(ModelClient client)
        {
            if (client.Send is not null)
                return;
            var link = new Link(client, _table.Join());
            _links.Add(link);
            if (_table.EncodeAll() is { } all)
                link.ToClient.Enqueue(all);
            client.Connected(link.ToServer.Enqueue);
        }

        private static void GiveUp(Link link)
        {
            link.HalfOpen = true;
            link.ToClient.Clear();
            link.Client.Disconnected();
        }

        private void ServerNotices(Link link)
        {
            _links.Remove(link);
            if (_table.Leave(link.Peer, _now) is { } removal)
                Broadcast(removal);
        }

        private bool DeliverOne()
        {
            Link[] waiting = [.. _links.Where(l => l.ToServer.Count > 0 || l.ToClient.Count > 0)];
            if (waiting.Length == 0)
                return false;
            _delivered++;
            Link link = waiting[_random.Next(waiting.Length)];
            if (link.ToServer.Count > 0 && (link.ToClient.Count == 0 || _random.Next(2) == 0))
                ServerReceives(link, link.ToServer.Dequeue());
            else
                link.Client.Receive(link.ToClient.Dequeue());
            return true;
        }

        private void ServerReceives(Link from, byte[] update)
        {
            AwarenessEffects effects = _table.Apply(from.Peer, update, _now);
            from.HasSpoken = true;
            if (effects.Relay is not null)
                Broadcast(effects.Relay);
            if (effects.NudgeSender is not null)
                SendTo(from, effects.NudgeSender);
            if (!effects.NudgeOthers)
                return;
            foreach (Link other in _links.Where(l => l != from))
            {
                if (_table.EncodeHomeRemoval(other.Peer) is { } removal)
                    SendTo(other, removal);
            }
        }

        private void Broadcast(byte[] update)
        {
            foreach (Link link in _links)
                SendTo(link, update);
        }

        private static void SendTo(Link link, byte[] update)
        {
            if (!link.HalfOpen)
                link.ToClient.Enqueue(update);
        }

        private void Drain()
        {
            int limit = _delivered + 2_000;
            while (DeliverOne())
                Assert.True(_delivered < limit, $"seed {_seed}: the clients answer each other for ever");
        }
    }
}
