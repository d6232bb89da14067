using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

/// <summary>What a peer of the Hocuspocus protocol is told of its writes (spec HOC3, HOC4), and how it shares a room.</summary>
public sealed class HocuspocusPeerTests
{
    private const string Kept = "03646f630801";
    private const string NotKept = "03646f630800";

    [Fact]
    public async Task Every_write_gets_one_status_and_none_before_the_commit()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer peer = await harness.JoinHocuspocusAsync();
        await peer.SendUpdateAsync(Updates.Text(1, 0, "a"));
        await peer.SendUpdateAsync(Updates.Text(1, 1, "b"));
        await peer.SendUpdateAsync(Updates.Text(1, 1, "b")); // a repetition is no safer than what it repeats
        await peer.SendAsync(Updates.SyncFrame(1, [0, 0]));
        Assert.Empty(StatusesIn(await peer.ReceiveAsync()));

        harness.Log.Commit();
        await Wait.UntilAsync(() => peer.Peer.Outbox.HasWork, "the commit is told");

        Assert.Equal([Kept, Kept, Kept, Kept], StatusesIn(await peer.ReceiveAsync()));
    }

    [Fact]
    public async Task Statuses_come_in_the_order_of_the_writes_refused_ones_included()
    {
        await using var harness = new RoomHarness(options => options.Limits.MaxPendingStructs = 1, autoCommit: false);
        TestPeer peer = await harness.JoinHocuspocusAsync();
        await peer.SendUpdateAsync(Updates.Text(1, 0, "a"));
        await peer.SendUpdateAsync(Updates.Text(2, 5, "parked"));
        await peer.SendUpdateAsync(Updates.Text(3, 5, "one too many"));
        await peer.SendUpdateAsync(Updates.Text(1, 1, "b"));
        Assert.Empty(StatusesIn(await peer.ReceiveAsync()));

        harness.Log.Commit();
        await Wait.UntilAsync(() => peer.Peer.Outbox.HasWork, "the commit is told");

        Assert.Equal([Kept, Kept, NotKept, Kept], StatusesIn(await peer.ReceiveAsync()));
    }

    [Fact]
    public async Task A_question_of_the_client_is_answered_by_one_of_ours_whose_answer_counts()
    {
        await using var harness = new RoomHarness();
        TestPeer peer = await harness.JoinHocuspocusAsync();
        Assert.Empty(SyncIn(await peer.ReceiveAsync(), FrameKind.SyncStep1));

        await peer.SendAsync(Updates.SyncFrame(0, [0]));
        List<byte[]> frames = await peer.ReceiveAsync();
        Assert.Single(SyncIn(frames, FrameKind.SyncStep1));
        Assert.Equal([[0, 0]], SyncIn(frames, FrameKind.SyncStep2));

        await peer.SendAsync(Updates.SyncFrame(1, [0, 0]));
        Assert.Equal([Kept], StatusesIn(await peer.ReceiveAsync()));
    }

    [Fact]
    public void The_answer_to_a_question_that_nobody_asked_for_gets_no_status()
    {
        var seat = new HocuspocusSeat("doc"u8.ToArray(), static _ => { });
        var peer = new HocuspocusPeer(1, seat, new Outbox(1024, 16), null);
        peer.OnAsked(solicited: false);
        peer.OnAsked(solicited: true);

        Assert.Equal(0, peer.CountWrite(FrameKind.SyncStep2));
        Assert.NotEqual(0, peer.CountWrite(FrameKind.Update));
        Assert.NotEqual(0, peer.CountWrite(FrameKind.SyncStep2));
        Assert.NotEqual(0, peer.CountWrite(FrameKind.SyncStep2));
    }

    [Fact]
    public async Task A_reader_changes_nothing_and_is_told_so()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "a"));
        TestPeer reader = await harness.JoinHocuspocusAsync(rights: DocumentRights.Read);
        Assert.Equal("03646f630202" + "08" + "726561646f6e6c79", Convert.ToHexStringLower((await reader.ReceiveAsync())[0]));

        await reader.SendUpdateAsync(Updates.Text(2, 0, "x"));
        await reader.SendAsync(Updates.SyncFrame(1, Updates.Text(2, 0, "x")));
        await reader.SendAsync(Updates.SyncFrame(1, Updates.Delete(1, 0, 1)));
        await reader.SendAsync(Updates.SyncFrame(1, Updates.Text(1, 0, "a")));
        await reader.SendAsync(Updates.SyncFrame(1, [0, 0]));
        await reader.SendAsync(Updates.AwarenessFrame(7, 1, "{}"));

        Assert.Equal([NotKept, NotKept, NotKept, Kept, Kept], StatusesIn(await reader.ReceiveAsync()));
        List<byte[]> seen = await writer.ReceiveAsync();
        Assert.Empty(TestPeer.PayloadsOf(seen, FrameKind.Update));
        Assert.Contains(seen, frame => frame[0] == 1 && frame.Length > 3);
        Assert.Equal(Updates.Text(1, 0, "a"), (await harness.Registry.ReadStateAsync("doc", CancellationToken.None)).Update);
    }

    [Fact]
    public async Task Addresses_of_one_socket_get_frames_with_their_own_address()
    {
        await using var harness = new RoomHarness();
        var outbox = new Outbox(1 << 20, 100);
        TestPeer one = await harness.JoinHocuspocusAsync("doc\u0000s1", outbox: outbox);
        TestPeer two = await harness.JoinHocuspocusAsync("doc\u0000s2", outbox: outbox);
        TestPeer other = await harness.JoinAsync();
        await one.ReceiveAsync();

        await other.SendUpdateAsync(Updates.Text(1, 0, "a"));

        string update = Convert.ToHexStringLower(Updates.SyncFrame(2, Updates.Text(1, 0, "a")));
        Assert.Equal(["06646f63007331" + update, "06646f63007332" + update], (await two.ReceiveAsync()).Select(Convert.ToHexStringLower));
    }

    [Fact]
    public async Task A_frame_goes_to_many_sockets_without_a_copy_for_each()
    {
        await using var harness = new RoomHarness();
        TestPeer[] peers = [await harness.JoinHocuspocusAsync(), await harness.JoinHocuspocusAsync(), await harness.JoinHocuspocusAsync()];
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "a"));

        List<byte[]> frames = [];
        foreach (TestPeer peer in peers)
            frames.Add((await peer.ReceiveAsync())[^1]);
        Assert.Same(frames[0], frames[1]);
        Assert.Same(frames[0], frames[2]);
    }

    [Fact]
    public async Task Everybody_gets_a_frame_in_the_form_of_its_own_protocol_whatever_the_order_of_joining()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer[] peers =
        [
            await harness.JoinHocuspocusAsync(), await harness.JoinAsync(), await harness.JoinHocuspocusAsync(), await harness.JoinAsync(),
            await harness.JoinHocuspocusAsync("doc\u0000s1"), await harness.JoinHocuspocusAsync(), await harness.JoinAsync(),
        ];
        await writer.SendUpdateAsync(Updates.Text(1, 0, "a"));
        string update = Convert.ToHexStringLower(Updates.SyncFrame(2, Updates.Text(1, 0, "a")));

        foreach (TestPeer peer in peers)
        {
            string prefix = peer.Peer is HocuspocusPeer hocuspocus ? Convert.ToHexStringLower(hocuspocus.Seat.Prefix) : "";
            Assert.Equal(prefix + update, Convert.ToHexStringLower((await peer.ReceiveAsync())[^1]));
        }
    }

    [Theory]
    [InlineData("4.8.0", "07")]
    [InlineData(null, "0201")] // may be provider 2, which breaks on a close message
    public async Task What_is_malformed_ends_one_document_in_a_form_that_the_provider_understands(string? version, string message)
    {
        await using var harness = new RoomHarness();
        TestPeer peer = await harness.JoinHocuspocusAsync(version: version);
        await peer.SendAsync([0, 2, 2, 1, 255]);

        List<byte[]> frames = await peer.ReceiveAsync();

        Assert.Equal([NotKept], StatusesIn(frames));
        Assert.StartsWith("03646f63" + message, Convert.ToHexStringLower(frames[^1]), StringComparison.Ordinal);
        Assert.Null(peer.Closed);
    }

    [Fact]
    public async Task A_silent_socket_hears_a_ping_if_it_knows_one_and_an_empty_presence_otherwise()
    {
        await using var harness = new RoomHarness();
        TestPeer four = await harness.JoinHocuspocusAsync();
        TestPeer two = await harness.JoinHocuspocusAsync(version: null);
        await four.ReceiveAsync();
        await two.ReceiveAsync();

        await harness.TickAsync(TimeSpan.FromSeconds(21));

        Assert.Equal("09", Convert.ToHexStringLower(Assert.Single(await four.ReceiveAsync())));
        Assert.Equal("03646f63010100", Convert.ToHexStringLower(Assert.Single(await two.ReceiveAsync())));
    }

    [Fact]
    public async Task Stateless_messages_go_to_whom_they_are_for_and_never_to_y_websocket_clients()
    {
        await using var harness = new RoomHarness();
        TestPeer one = await harness.JoinHocuspocusAsync();
        TestPeer two = await harness.JoinHocuspocusAsync();
        TestPeer plain = await harness.JoinAsync();
        var sender = new StatelessSender(harness.Registry);

        Assert.Equal(2, await sender.SendAsync("doc", "all"));
        Assert.Equal(1, await sender.SendAsync("doc", "one", connection: one.Peer.Id));
        Assert.Equal(0, await sender.SendAsync("doc", "nobody", user: "ada"));
        Assert.Equal(0, await sender.SendAsync("not open", "nobody"));

        Assert.Equal(["03646f630503616c6c", "03646f6305036f6e65"], (await one.ReceiveAsync()).Skip(1).Select(Convert.ToHexStringLower));
        Assert.Equal(["03646f630503616c6c"], (await two.ReceiveAsync()).Skip(1).Select(Convert.ToHexStringLower));
        Assert.DoesNotContain(await plain.ReceiveAsync(), frame => frame[0] == 5);
    }

    [Fact]
    public async Task A_lagging_address_gets_its_diff_and_keeps_its_count()
    {
        await using var harness = new RoomHarness(options => options.Limits.OutboxFrames = 4);
        TestPeer slow = await harness.JoinHocuspocusAsync();
        TestPeer fast = await harness.JoinAsync();
        for (uint i = 0; i < 20; i++)
        {
            await fast.SendUpdateAsync(Updates.Text(2, i, "x"));
            await slow.SendUpdateAsync(Updates.Text(1, i, "y"));
        }

        List<byte[]> frames = await slow.ReceiveAsync();
        await slow.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, slow.Peer), CancellationToken.None);
        frames.AddRange(await slow.ReceiveAsync());

        Assert.Equal(20, StatusesIn(frames).Count(status => status == Kept));
        var store = new UpdateStore();
        foreach (byte[] update in SyncIn(frames, FrameKind.Update))
            store.Apply(update);
        Assert.Equal(20u, store.StateOf(2));
    }

    private static List<string> StatusesIn(List<byte[]> frames) =>
        [.. frames.Select(Convert.ToHexStringLower).Where(frame => frame is Kept or NotKept)];

    private static IEnumerable<byte[]> SyncIn(List<byte[]> frames, FrameKind kind) => TestPeer.PayloadsOf(
        frames.Select(frame => frame[HocuspocusFrame.Read(frame).MessageOffset..]).Where(message => message is [0, ..]), kind);
}
