using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

/// <summary>Large documents leave in parts (spec SYN7), and newcomers who come together cost one encoding.</summary>
public sealed class FirstSyncTests
{
    private const int PartBytes = 1024;
    private const int Clients = 40;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_large_document_arrives_in_parts_of_which_the_last_is_the_step_2()
    {
        await using RoomHarness harness = await WithLargeDocumentAsync();
        TestPeer newcomer = await harness.JoinAsync();

        List<byte[]> frames = await FirstSyncAsync(newcomer);

        FrameKind[] kinds = [.. frames.Select(frame => YWebSocketFrame.Read(frame).Kind).Where(kind => kind is FrameKind.Update or FrameKind.SyncStep2)];
        Assert.True(kinds.Length > 5);
        Assert.All(kinds[..^1], kind => Assert.Equal(FrameKind.Update, kind));
        Assert.Equal(FrameKind.SyncStep2, kinds[^1]);
        Assert.All(frames, frame => Assert.True(frame.Length < PartBytes + 100));
        AssertHasEverything(frames, Clients);
    }

    [Fact]
    public async Task Newcomers_who_come_together_share_the_parts()
    {
        await using RoomHarness harness = await WithLargeDocumentAsync();
        TestPeer one = await harness.JoinAsync();
        TestPeer other = await harness.JoinAsync();

        byte[][] first = [.. (await FirstSyncAsync(one)).Where(IsUpdate)];
        byte[][] second = [.. (await FirstSyncAsync(other)).Where(IsUpdate)];

        Assert.Equal(first.Length, second.Length);
        Assert.All(first.Zip(second), pair => Assert.Same(pair.First, pair.Second));

        static bool IsUpdate(byte[] frame) => YWebSocketFrame.Read(frame).Kind == FrameKind.Update;
    }

    [Fact]
    public async Task Newcomers_of_a_small_document_share_the_step_2_until_it_changes()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        byte[] one = (await FirstSyncAsync(await harness.JoinAsync()))[^1];
        byte[] other = (await FirstSyncAsync(await harness.JoinAsync()))[^1];
        Assert.Same(one, other);

        await writer.SendUpdateAsync(Updates.Text(1, 5, "!"));

        Assert.NotSame(one, (await FirstSyncAsync(await harness.JoinAsync()))[^1]);
    }

    [Fact]
    public async Task What_is_written_meanwhile_is_in_a_later_part_and_presence_goes_in_between()
    {
        await using RoomHarness harness = await WithLargeDocumentAsync();
        TestPeer writer = await harness.JoinAsync();
        TestPeer newcomer = await harness.JoinAsync();
        await newcomer.SendAsync(Updates.SyncFrame(0, [0]));
        List<byte[]> frames = await newcomer.ReceiveAsync();

        await newcomer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, newcomer.Peer), None);
        await writer.SendUpdateAsync(Updates.Text(500, 0, "meanwhile"));
        await writer.SendUpdateAsync(Updates.Delete(1, 0, 3));
        await writer.SendAsync(Updates.AwarenessFrame(65, 1, """{"user":"Ada"}"""));
        List<byte[]> between = await newcomer.ReceiveAsync();
        Assert.Single(TestPeer.PayloadsOf(between, FrameKind.Awareness));
        frames.AddRange(between);
        frames.AddRange(await DrainAsync(newcomer));

        AssertHasEverything(frames, Clients, document => Assert.Equal(9u, document.StateOf(500)));
        var deletes = new List<ClockRange>();
        foreach (byte[] part in TestPeer.PayloadsOf(frames, FrameKind.SyncStep2))
            UpdateInfo.ReadRanges(part, [], deletes);
        Assert.Contains(new ClockRange(1, 0, 3), deletes);
    }

    [Fact]
    public async Task A_newcomer_who_asks_again_in_the_middle_gets_everything_from_what_it_has_then()
    {
        await using RoomHarness harness = await WithLargeDocumentAsync();
        TestPeer newcomer = await harness.JoinAsync();
        await newcomer.SendAsync(Updates.SyncFrame(0, [0]));
        await newcomer.ReceiveAsync();
        await newcomer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, newcomer.Peer), None);
        await newcomer.ReceiveAsync(); // lost: the newcomer forgot its copy

        List<byte[]> frames = await FirstSyncAsync(newcomer);

        AssertHasEverything(frames, Clients);
    }

    [Fact]
    public async Task Under_CommitFirst_the_parts_wait_for_the_disk()
    {
        await using var harness = new RoomHarness(
            options =>
            {
                options.Limits.SyncPartBytes = PartBytes;
                options.Durability = Durability.CommitFirst;
            },
            autoCommit: false);
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, new string('x', 5 * PartBytes)));
        TestPeer newcomer = await harness.JoinAsync();
        await newcomer.SendAsync(Updates.SyncFrame(0, [0]));
        await newcomer.ReceiveAsync();
        await newcomer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, newcomer.Peer), None);
        Assert.Empty(TestPeer.PayloadsOf(await newcomer.ReceiveAsync(), FrameKind.Update));

        harness.Log.Commit();
        await Wait.UntilAsync(() => newcomer.Peer.Outbox.HasWork, "the commit releases the first part");

        AssertHasEverything([.. await newcomer.ReceiveAsync(), .. await DrainAsync(newcomer)], 1);
    }

    private static async Task<RoomHarness> WithLargeDocumentAsync()
    {
        var harness = new RoomHarness(options => options.Limits.SyncPartBytes = PartBytes);
        TestPeer writer = await harness.JoinAsync();
        for (uint client = 1; client <= Clients; client++)
            await writer.SendUpdateAsync(Updates.Text(client, 0, new string((char)('a' + (client % 26)), 200)));
        await writer.ReceiveAsync();
        return harness;
    }

    private static async Task<List<byte[]>> FirstSyncAsync(TestPeer newcomer)
    {
        await newcomer.SendAsync(Updates.SyncFrame(0, [0]));
        List<byte[]> frames = await newcomer.ReceiveAsync();
        frames.AddRange(await DrainAsync(newcomer));
        return frames;
    }

    /// <summary>Plays the send loop: takes everything, says so, and goes on until nothing more is owed.</summary>
    private static async Task<List<byte[]>> DrainAsync(TestPeer peer)
    {
        var frames = new List<byte[]>();
        for (int i = 0; i < 200 && peer.Peer.Debt is not null; i++)
        {
            await peer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, peer.Peer), None);
            frames.AddRange(await peer.ReceiveAsync());
        }

        Assert.Null(peer.Peer.Debt);
        return frames;
    }

    private static void AssertHasEverything(IEnumerable<byte[]> frames, int clients, Action<UpdateStore>? more = null)
    {
        var copy = new UpdateStore();
        foreach (byte[] frame in frames)
        {
            YWebSocketFrame message = YWebSocketFrame.Read(frame);
            if (message.Kind is FrameKind.Update or FrameKind.SyncStep2)
                copy.Apply(message.Payload);
            Assert.False(copy.HasPending);
        }

        for (uint client = 1; client <= clients; client++)
            Assert.NotEqual(0u, copy.StateOf(client));
        more?.Invoke(copy);
    }
}
