using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

/// <summary>Forks are refused (spec SYN9), gaps are asked about (spec SYN8), and honest peers are never accused.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public async Task A_peer_whose_copy_contradicts_the_document_is_closed_with_4409_and_nothing_of_it_is_kept()
    {
        await using var harness = new RoomHarness();
        TestPeer honest = await harness.JoinAsync();
        TestPeer forger = await harness.JoinAsync();
        await honest.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        byte[] before = (await harness.Registry.ReadStateAsync("doc", CancellationToken.None)).Update;
        await honest.ReceiveAsync();

        await forger.SendUpdateAsync(Updates.Text(1, 0, "hexlo, world"));

        await forger.ReceiveAsync();
        Assert.Equal(CloseCode.Conflict, forger.Closed?.Code);
        Assert.Contains("client 1", forger.Closed!.Reason, StringComparison.Ordinal);
        Assert.Empty(TestPeer.PayloadsOf(await honest.ReceiveAsync(), FrameKind.Update));
        Assert.Equal(before, (await harness.Registry.ReadStateAsync("doc", CancellationToken.None)).Update);
    }

    [Fact]
    public async Task A_peer_that_sends_again_what_the_document_has_is_not_accused()
    {
        await using var harness = new RoomHarness();
        TestPeer honest = await harness.JoinAsync();
        await honest.SendUpdateAsync(Updates.Text(1, 0, "he"));
        await honest.SendUpdateAsync(Updates.Text(1, 2, "llo"));

        await honest.SendUpdateAsync(Updates.Text(1, 0, "hello, world"));

        await honest.ReceiveAsync();
        Assert.Null(honest.Closed);
    }

    [Fact]
    public async Task What_is_missing_is_asked_of_its_sender_then_of_everybody_and_not_in_a_loop()
    {
        await using var harness = new RoomHarness();
        TestPeer sender = await harness.JoinAsync();
        TestPeer other = await harness.JoinAsync();
        await sender.SendUpdateAsync(Updates.Text(1, 4, "later"));
        await sender.ReceiveAsync();
        await other.ReceiveAsync();

        await harness.TickAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(TestPeer.PayloadsOf(await sender.ReceiveAsync(), FrameKind.SyncStep1));
        await harness.TickAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(0u, TestPeer.VectorIn(await sender.ReceiveAsync())[1]);
        Assert.Empty(TestPeer.PayloadsOf(await other.ReceiveAsync(), FrameKind.SyncStep1));
        await harness.TickAsync(TimeSpan.FromSeconds(7));
        Assert.Single(TestPeer.PayloadsOf(await sender.ReceiveAsync(), FrameKind.SyncStep1));
        Assert.Single(TestPeer.PayloadsOf(await other.ReceiveAsync(), FrameKind.SyncStep1));
        await harness.TickAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(TestPeer.PayloadsOf(await other.ReceiveAsync(), FrameKind.SyncStep1));
        Assert.Null(sender.Closed);
    }

    [Fact]
    public async Task Nobody_is_asked_once_the_missing_structs_have_come()
    {
        await using var harness = new RoomHarness();
        TestPeer sender = await harness.JoinAsync();
        await sender.SendUpdateAsync(Updates.Text(1, 4, "later"));
        await sender.SendUpdateAsync(Updates.Text(1, 0, "soon"));
        await sender.ReceiveAsync();

        await harness.TickAsync(TimeSpan.FromSeconds(15));

        Assert.Empty(TestPeer.PayloadsOf(await sender.ReceiveAsync(), FrameKind.SyncStep1));
    }
}
