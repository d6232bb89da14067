using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

/// <summary>What <c>?ack=1</c> promises (spec LOG8): nothing is called durable before it is, and every write is answered.</summary>
public sealed class AcknowledgementTests
{
    [Fact]
    public async Task Writes_are_acknowledged_when_they_are_on_disk_and_one_number_stands_for_all_before_it()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer writer = await harness.JoinAsync(acknowledged: true);
        await writer.SendUpdateAsync(Updates.Text(1, 0, "a"));
        await writer.SendUpdateAsync(Updates.Text(1, 1, "b"));
        Assert.Empty(AcknowledgementsIn(await writer.ReceiveAsync()));

        harness.Log.Commit();
        await Wait.UntilAsync(() => writer.Peer.Outbox.HasWork, "the commit is told");

        Assert.Equal([SyncProtocol.Acknowledged(2)], AcknowledgementsIn(await writer.ReceiveAsync()));
    }

    [Fact]
    public async Task A_repeated_write_is_not_acknowledged_before_the_first_one_is_durable()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer first = await harness.JoinAsync();
        await first.SendUpdateAsync(Updates.Text(1, 0, "a"));
        TestPeer second = await harness.JoinAsync(acknowledged: true);
        await second.SendUpdateAsync(Updates.Text(1, 0, "a"));
        Assert.Empty(AcknowledgementsIn(await second.ReceiveAsync()));

        harness.Log.Commit();
        await Wait.UntilAsync(() => second.Peer.Outbox.HasWork, "the commit is told");

        Assert.Equal([SyncProtocol.Acknowledged(1)], AcknowledgementsIn(await second.ReceiveAsync()));
    }

    [Fact]
    public async Task A_refused_write_is_named_with_its_reason_before_the_socket_closes()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync(acknowledged: true);
        await writer.SendUpdateAsync(Updates.Text(1, 0, "a"));
        await writer.SendAsync([0, 2, 2, 1, 255]);

        List<byte[]> frames = await writer.ReceiveAsync();

        Assert.Equal([100, 2, 1], AcknowledgementsIn(frames)[^1][..3]);
        Assert.Equal(CloseCode.MalformedPayload, writer.Closed?.Code);
    }

    [Fact]
    public async Task A_client_that_did_not_ask_sees_neither_acknowledgements_nor_the_epoch()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "a"));

        Assert.DoesNotContain(await writer.ReceiveAsync(), frame => frame[0] >= 100);
    }

    [Fact]
    public async Task The_epoch_is_the_first_frame_of_a_client_that_asked()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync(acknowledged: true);

        Assert.Equal((byte)MessageType.Epoch, (await writer.ReceiveAsync())[0][0]);
    }

    [Fact]
    public async Task Acknowledgements_survive_an_overflow()
    {
        await using var harness = new RoomHarness(options => options.Limits.OutboxFrames = 4);
        TestPeer slow = await harness.JoinAsync(acknowledged: true);
        TestPeer other = await harness.JoinAsync();
        for (uint i = 0; i < 20; i++)
        {
            await other.SendUpdateAsync(Updates.Text(2, i, "x"));
            await slow.SendUpdateAsync(Updates.Text(1, i, "y"));
        }

        Assert.Equal(SyncProtocol.Acknowledged(20), AcknowledgementsIn(await slow.ReceiveAsync())[^1]);
    }

    private static byte[][] AcknowledgementsIn(IEnumerable<byte[]> frames) =>
        [.. frames.Where(frame => frame[0] == (byte)MessageType.Acknowledgement)];
}
