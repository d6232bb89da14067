using CoEdit.Crdt;
using CoEdit.Persistence;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

public sealed class RoomTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_joining_peer_is_asked_for_what_the_server_lacks()
    {
        await using var harness = new RoomHarness();
        TestPeer peer = await harness.JoinAsync();

        byte[] step1 = Assert.Single(await peer.ReceiveAsync());

        Assert.Equal([0, 0, 1, 0], step1);
    }

    [Fact]
    public async Task An_update_reaches_the_log_and_every_other_peer_as_the_same_bytes()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync();
        await reader.ReceiveAsync();
        await writer.ReceiveAsync();
        byte[] update = Updates.Text(1, 0, "hello");

        await writer.SendUpdateAsync(update);

        Assert.Equal(Updates.SyncFrame(2, update), Assert.Single(await reader.ReceiveAsync()));
        Assert.Empty(await writer.ReceiveAsync());
        Assert.Equal(update, Assert.Single(harness.Log.UpdatesOf("doc")));
    }

    [Fact]
    public async Task A_step_2_with_news_is_relayed_as_an_update_and_an_empty_one_not_at_all()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync();
        await reader.ReceiveAsync();
        byte[] update = Updates.Text(1, 0, "hello");

        await writer.SendAsync(Updates.SyncFrame(1, [0, 0]));
        await writer.SendAsync(Updates.SyncFrame(1, update));

        Assert.Equal(Updates.SyncFrame(2, update), Assert.Single(await reader.ReceiveAsync()));
    }

    [Fact]
    public async Task A_repeated_update_is_neither_stored_nor_relayed()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync();
        byte[] update = Updates.Text(1, 0, "hello");
        await writer.SendUpdateAsync(update);
        await reader.ReceiveAsync();

        await writer.SendUpdateAsync(update);

        Assert.Empty(await reader.ReceiveAsync());
        Assert.Single(harness.Log.UpdatesOf("doc"));
    }

    [Fact]
    public async Task Only_the_new_part_of_a_mostly_known_update_is_stored_and_relayed()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync();
        string known = new('x', 1_000);
        await writer.SendUpdateAsync(Updates.Text(1, 0, known));
        await reader.ReceiveAsync();

        await writer.SendUpdateAsync(Updates.Text(1, 0, known + "new"));

        byte[] relayed = Assert.Single(TestPeer.PayloadsOf(await reader.ReceiveAsync(), FrameKind.Update));
        Assert.True(relayed.Length < 40, $"{relayed.Length} bytes for three characters");
        Assert.Equal(relayed, harness.Log.UpdatesOf("doc")[1]);
        var copy = new UpdateStore();
        copy.Apply(Updates.Text(1, 0, known));
        copy.Apply(relayed);
        Assert.Equal(1_003u, copy.StateOf(1));
    }

    [Fact]
    public async Task A_step_1_is_answered_with_exactly_what_is_missing()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        TestPeer reader = await harness.JoinAsync();
        await reader.ReceiveAsync();

        await reader.SendAsync(Updates.SyncFrame(0, [0]));
        await reader.SendAsync(Updates.SyncFrame(0, [1, 1, 5]));

        byte[][] answers = [.. TestPeer.PayloadsOf(await reader.ReceiveAsync(), FrameKind.SyncStep2)];
        Assert.Equal(2, answers.Length);
        Assert.Equal(Updates.Text(1, 0, "hello"), answers[0]);
        Assert.Equal([0, 0], answers[1]);
    }

    [Fact]
    public async Task A_malformed_update_closes_its_sender_and_changes_nothing()
    {
        await using var harness = new RoomHarness();
        TestPeer writer = await harness.JoinAsync();
        TestPeer hostile = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));

        await hostile.SendUpdateAsync([1, 1, 1, 5, 0xFF]);
        await writer.SendUpdateAsync(Updates.Text(1, 5, " world"));

        await hostile.ReceiveAsync();
        Assert.Equal(CloseCode.MalformedPayload, hostile.Closed?.Code);
        Assert.NotEqual("", hostile.Closed?.Reason);
        await writer.ReceiveAsync();
        Assert.Null(writer.Closed);
        DocumentState state = await harness.Registry.ReadStateAsync("doc", None);
        Assert.Equal(Updates.Text(1, 0, "hello world"), state.Update);
        Assert.Equal(1, state.Peers);
    }

    [Fact]
    public async Task A_state_vector_is_not_sent_before_what_it_covers_is_durable()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await writer.ReceiveAsync();

        TestPeer returning = await harness.JoinAsync();
        Assert.Empty(TestPeer.PayloadsOf(await returning.ReceiveAsync(), FrameKind.SyncStep1));
        harness.Log.Commit();
        await Wait.UntilAsync(() => returning.Peer.Outbox.HasWork, "the step 1 is released");

        Assert.Equal(5u, TestPeer.VectorIn(await returning.ReceiveAsync())[1]);
    }

    [Fact]
    public async Task A_barrier_that_takes_longer_than_a_second_is_answered_with_the_last_durable_vector()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "safe"));
        await writer.ReceiveAsync();
        TestPeer second = await harness.JoinAsync();
        harness.Log.Commit();
        await Wait.UntilAsync(() => second.Peer.Outbox.HasWork, "the first barrier is passed");
        await writer.SendUpdateAsync(Updates.Text(1, 4, "unsafe"));

        TestPeer third = await harness.JoinAsync();
        await harness.TickAsync(TimeSpan.FromMilliseconds(900));
        Assert.Empty(TestPeer.PayloadsOf(await third.ReceiveAsync(), FrameKind.SyncStep1));
        await harness.TickAsync(TimeSpan.FromMilliseconds(200));

        Assert.Equal(4u, TestPeer.VectorIn(await third.ReceiveAsync())[1]);
    }

    [Fact]
    public async Task Under_CommitFirst_nobody_sees_an_update_before_it_is_durable()
    {
        await using var harness = new RoomHarness(options => options.Durability = Durability.CommitFirst, autoCommit: false);
        TestPeer writer = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync();
        await reader.ReceiveAsync();

        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await reader.SendAsync(Updates.SyncFrame(0, [0]));
        Assert.Empty(await reader.ReceiveAsync());
        harness.Log.Commit();
        await Wait.UntilAsync(() => reader.Peer.Outbox.HasWork, "the commit releases what was held");

        FrameKind[] kinds = [.. (await reader.ReceiveAsync()).Select(frame => YWebSocketFrame.Read(frame).Kind)];
        Assert.Equal([FrameKind.Update, FrameKind.SyncStep2], kinds);
    }

    [Fact]
    public async Task A_peer_that_overflows_gets_one_diff_when_it_has_drained()
    {
        await using var harness = new RoomHarness(options => options.Limits.OutboxFrames = 4);
        TestPeer writer = await harness.JoinAsync();
        TestPeer slow = await harness.JoinAsync();
        await slow.ReceiveAsync();
        for (uint clock = 0; clock < 20; clock++)
            await writer.SendUpdateAsync(Updates.Text(1, clock, "x"));
        await RoomHarness.SettleAsync(slow.Room!);

        List<byte[]> queued = slow.Drain(out bool owesDrain);
        Assert.True(owesDrain);
        Assert.True(queued.Count <= 4);
        await slow.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, slow.Peer), None);
        List<byte[]> caughtUp = await slow.ReceiveAsync();

        byte[] diff = Assert.Single(TestPeer.PayloadsOf(caughtUp, FrameKind.Update));
        var copy = new UpdateStore();
        foreach (byte[] update in TestPeer.PayloadsOf(queued, FrameKind.Update))
            copy.Apply(update);
        copy.Apply(diff);
        Assert.Equal(20u, copy.StateOf(1));
        Assert.Null(slow.Closed);
    }

    [Fact]
    public async Task A_dropped_answer_to_a_step_1_is_sent_again_as_a_step_2()
    {
        await using var harness = new RoomHarness(options => options.Limits.OutboxFrames = 4);
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        TestPeer slow = await harness.JoinAsync();
        await slow.SendAsync(Updates.SyncFrame(0, [0]));
        for (uint clock = 5; clock < 20; clock++)
            await writer.SendUpdateAsync(Updates.Text(1, clock, "x"));
        await RoomHarness.SettleAsync(slow.Room!);
        slow.Drain(out _);

        await slow.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, slow.Peer), None);

        List<byte[]> caughtUp = await slow.ReceiveAsync();
        var copy = new UpdateStore();
        copy.Apply(Assert.Single(TestPeer.PayloadsOf(caughtUp, FrameKind.SyncStep2)));
        Assert.Equal(20u, copy.StateOf(1));
        Assert.Single(TestPeer.PayloadsOf(caughtUp, FrameKind.SyncStep1));
    }

    [Fact]
    public async Task Presence_that_left_while_a_peer_lagged_does_not_stay_with_it_as_a_ghost()
    {
        await using var harness = new RoomHarness(options => options.Limits.OutboxFrames = 4);
        TestPeer ghost = await harness.JoinAsync();
        TestPeer writer = await harness.JoinAsync();
        TestPeer slow = await harness.JoinAsync();
        await ghost.SendAsync(Updates.AwarenessFrame(65, 1, """{"user":"Ada"}"""));
        await slow.ReceiveAsync();
        for (uint clock = 0; clock < 20; clock++)
            await writer.SendUpdateAsync(Updates.Text(1, clock, "x"));
        await ghost.LeaveAsync();
        await RoomHarness.SettleAsync(slow.Room!);
        List<byte[]> frames = slow.Drain(out _);

        await slow.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, slow.Peer), None);

        Assert.Contains(
            frames.Concat(await slow.ReceiveAsync()), frame => frame.AsSpan().SequenceEqual(Updates.AwarenessFrame(65, 1, "null")));
    }

    [Fact]
    public async Task Broken_framing_closes_its_sender_with_1002()
    {
        await using var harness = new RoomHarness();
        TestPeer hostile = await harness.JoinAsync();

        await hostile.SendAsync([0, 2, 200]);

        await hostile.ReceiveAsync();
        Assert.Equal(CloseCode.ProtocolError, hostile.Closed?.Code);
    }

    [Fact]
    public async Task A_document_that_cannot_be_loaded_is_an_error_and_never_an_empty_room()
    {
        await using var harness = new RoomHarness();
        harness.Log.FailLoadOf = "doc";

        TestPeer refused = await harness.JoinAsync();
        Assert.Equal(JoinOutcome.LoadFailed, refused.Result.Outcome);
        Assert.Contains("doc", harness.Registry.FailedDocuments.Keys);
        Assert.Contains("sequence 7", refused.Result.Error, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RoomUnavailableException>(() => harness.Registry.ReadStateAsync("doc", None));
        Assert.Equal(JoinOutcome.Joined, (await harness.JoinAsync("other")).Result.Outcome);

        harness.Log.FailLoadOf = null;
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(JoinOutcome.Joined, (await harness.JoinAsync()).Result.Outcome);
        Assert.Empty(harness.Registry.FailedDocuments);
    }

    [Fact]
    public async Task An_idle_room_unloads_once_everything_is_committed_and_opens_again_with_its_content()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer writer = await harness.JoinAsync();
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await writer.LeaveAsync();
        Room first = writer.Room!;

        await harness.TickAsync(harness.Options.Rooms.IdleUnload + TimeSpan.FromSeconds(1));
        Assert.False(first.Completion.IsCompleted);
        harness.Log.Commit();
        harness.Time.Advance(harness.Options.Rooms.IdleUnload + TimeSpan.FromSeconds(1));
        first.TryPost(new RoomMessage(RoomMessageKind.Tick));
        await first.Completion;

        TestPeer reader = await harness.JoinAsync();
        Assert.NotSame(first, reader.Room);
        Assert.Equal(5u, TestPeer.VectorIn(await reader.ReceiveAsync())[1]);
    }

    [Fact]
    public async Task Joins_leaves_and_unloads_in_any_order_lose_nothing_and_never_open_a_second_room()
    {
        // The log in memory throws when a room is loaded while a former one of its name has uncommitted updates.
        await using var harness = new RoomHarness(options => options.Rooms.IdleUnload = TimeSpan.Zero);
        const int Writers = 4, Bursts = 40, Burst = 8;
        async Task WriteAsync(ulong client, uint first)
        {
            for (uint clock = first; clock < first + Burst; clock++)
            {
                TestPeer peer = await harness.JoinAsync();
                Assert.Equal(JoinOutcome.Joined, peer.Result.Outcome);
                await peer.SendUpdateAsync(Updates.Text(client, clock, "x"));
                await peer.LeaveAsync();
            }
        }

        for (uint burst = 0; burst < Bursts; burst++)
        {
            uint first = burst * Burst;
            await Task.WhenAll(Enumerable.Range(1, Writers).Select(client => Task.Run(() => WriteAsync((ulong)client, first))));

            // Half of the bursts meet a room that has just unloaded, the others one that is about to.
            if (burst % 2 == 0)
                await Wait.UntilAsync(() => harness.Registry.Rooms.Length == 0, "the room is unloaded");
        }

        DocumentState state = await harness.Registry.ReadStateAsync("doc", None);
        var copy = new UpdateStore();
        copy.Apply(state.Update);
        for (ulong client = 1; client <= Writers; client++)
            Assert.Equal((uint)(Bursts * Burst), copy.StateOf(client));
        Assert.True(harness.Log.Loads > Bursts / 2);
    }

    [Fact]
    public async Task A_cancelled_join_leaves_no_ghost_in_the_room()
    {
        await using var harness = new RoomHarness();
        var loading = new TaskCompletionSource();
        harness.Log.LoadGate = loading.Task;
        using var cancelled = new CancellationTokenSource();
        var ghost = new YWebSocketPeer(99, new Outbox(1 << 20, 64), null);
        Task join = harness.Registry.JoinAsync("doc", ghost, cancelled.Token);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => join);
        loading.SetResult();

        TestPeer peer = await harness.JoinAsync();
        await RoomHarness.SettleAsync(peer.Room!);
        Assert.Equal(1, peer.Room!.PeerCount);
    }

    [Fact]
    public async Task A_deleted_document_closes_its_peers_and_refuses_its_past_but_not_a_fresh_start()
    {
        await using var harness = new RoomHarness();
        TestPeer oldTab = await harness.JoinAsync();
        await oldTab.SendUpdateAsync(Updates.Text(1, 0, "old"));

        Assert.True(await harness.Registry.DeleteAsync("doc", None));
        oldTab.Drain(out _);
        Assert.Equal(CloseCode.DocumentDeleted, oldTab.Closed?.Code);

        TestPeer returning = await harness.JoinAsync();
        Assert.Equal(0, TestPeer.VectorIn(await returning.ReceiveAsync()).Count);
        await returning.SendAsync(Updates.SyncFrame(1, Updates.Text(1, 0, "old")));
        await returning.ReceiveAsync();
        Assert.Equal(CloseCode.DocumentDeleted, returning.Closed?.Code);

        TestPeer fresh = await harness.JoinAsync();
        await fresh.SendUpdateAsync(Updates.Text(2, 0, "new"));
        DocumentState state = await harness.Registry.ReadStateAsync("doc", None);
        Assert.Equal(Updates.Text(2, 0, "new"), state.Update);
        Assert.False(await harness.Registry.DeleteAsync("never written", None));
    }

    [Fact]
    public async Task A_deletion_that_cannot_be_stored_changes_nothing()
    {
        await using var harness = new RoomHarness();
        TestPeer peer = await harness.JoinAsync();
        await peer.SendUpdateAsync(Updates.Text(1, 0, "kept"));
        harness.Log.FailDelete = new StorageException("The disk is full.");

        await Assert.ThrowsAsync<StorageException>(() => harness.Registry.DeleteAsync("doc", None));

        await peer.ReceiveAsync();
        Assert.Null(peer.Closed);
        Assert.True((await harness.Registry.ReadStateAsync("doc", None)).Exists);
    }

    [Fact]
    public async Task Updates_are_refused_while_the_log_does_not_accept_any()
    {
        await using var harness = new RoomHarness();
        TestPeer peer = await harness.JoinAsync();
        harness.Log.IsAccepting = false;

        await peer.SendUpdateAsync(Updates.Text(1, 0, "hello"));

        await peer.ReceiveAsync();
        Assert.Equal(CloseCode.TryAgainLater, peer.Closed?.Code);
        Assert.False((await harness.Registry.ReadStateAsync("doc", None)).Exists);
    }

    [Fact]
    public async Task A_full_room_refuses_one_more_peer()
    {
        await using var harness = new RoomHarness(options => options.Limits.MaxPeersPerRoom = 2);
        await harness.JoinAsync();
        await harness.JoinAsync();

        Assert.Equal(JoinOutcome.Full, (await harness.JoinAsync()).Result.Outcome);
    }

    [Fact]
    public async Task Presence_reaches_everybody_and_leaves_with_its_connection()
    {
        await using var harness = new RoomHarness();
        TestPeer ada = await harness.JoinAsync();
        TestPeer bob = await harness.JoinAsync();
        await ada.ReceiveAsync();
        await bob.ReceiveAsync();
        byte[] here = Updates.AwarenessFrame(65, 1, """{"user":"Ada"}""");

        await ada.SendAsync(here);
        Assert.Equal(here, Assert.Single(await bob.ReceiveAsync()));
        Assert.Contains(await ada.ReceiveAsync(), frame => frame.AsSpan().SequenceEqual(here)); // the echo that keeps stock clients connected
        await ada.LeaveAsync();

        Assert.Equal(Updates.AwarenessFrame(65, 1, "null"), Assert.Single(await bob.ReceiveAsync()));
    }

    [Fact]
    public async Task A_peer_that_lags_gets_the_last_presence_of_each_client_when_it_has_caught_up()
    {
        await using var harness = new RoomHarness();
        TestPeer ada = await harness.JoinAsync();
        TestPeer bob = await harness.JoinAsync();
        TestPeer slow = await harness.JoinAsync();
        await slow.ReceiveAsync();
        for (uint clock = 1; clock <= 400; clock++)
        {
            await ada.SendAsync(Updates.AwarenessFrame(65, clock, $$"""{"at":{{clock}}}"""));
            await bob.SendAsync(Updates.AwarenessFrame(66, clock, $$"""{"at":{{clock}}}"""));
            await ada.ReceiveAsync();
            await bob.ReceiveAsync();
        }

        await bob.LeaveAsync();
        await RoomHarness.SettleAsync(slow.Room!);
        List<byte[]> before = slow.Drain(out bool owesDrain);
        Assert.InRange(before.Count, 200, 300); // of 800
        Assert.True(owesDrain);
        await slow.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, slow.Peer), None);
        byte[] summary = Assert.Single(await slow.ReceiveAsync());
        await ada.SendAsync(Updates.AwarenessFrame(65, 401, "{}"));
        byte[] next = Assert.Single(await slow.ReceiveAsync());

        var shown = new AwarenessTable(new AwarenessOptions());
        AwarenessPeer view = shown.Join();
        foreach (byte[] frame in before.Append(summary))
            shown.Apply(view, YWebSocketFrame.Read(frame).Payload, 0);
        AwarenessState left = Assert.Single(shown.States);
        Assert.Equal((65ul, 400ul), (left.ClientId, (ulong)left.Clock));
        Assert.Equal(Updates.AwarenessFrame(65, 401, "{}"), next);
    }

    [Fact]
    public async Task A_nudge_round_that_came_too_soon_is_made_up_for_by_the_clock()
    {
        await using var harness = new RoomHarness();
        TestPeer ada = await harness.JoinAsync();
        await ada.SendAsync(Updates.AwarenessFrame(65, 1, "{}"));
        for (int visit = 0; visit < 2; visit++)
        {
            TestPeer bob = await harness.JoinAsync();
            await bob.SendAsync(Updates.AwarenessFrame(66, 1, "{}"));
            await bob.LeaveAsync();
        }

        TestPeer returning = await harness.JoinAsync();
        await ada.ReceiveAsync();
        await returning.SendAsync(Updates.AwarenessFrame(66, 1, "{}")); // the second return within a second: no round yet
        byte[] nudge = Updates.AwarenessFrame(65, 1, "null");
        Assert.DoesNotContain(await ada.ReceiveAsync(), frame => frame.AsSpan().SequenceEqual(nudge));

        await harness.TickAsync(TimeSpan.FromMilliseconds(1_100));

        Assert.Contains(await ada.ReceiveAsync(), frame => frame.AsSpan().SequenceEqual(nudge));
    }

    [Fact]
    public async Task A_value_that_would_overflow_every_client_s_stack_is_refused()
    {
        await using var harness = new RoomHarness();
        TestPeer hostile = await harness.JoinAsync();
        byte[] deep = [1, 1, 1, 0, 8, 1, 1, (byte)'a', 1, .. Enumerable.Repeat((byte[])[117, 1], 100_000).SelectMany(pair => pair), 126, 0];

        await hostile.SendUpdateAsync(deep);

        await hostile.ReceiveAsync();
        Assert.Equal(CloseCode.LimitExceeded, hostile.Closed?.Code);
        Assert.False((await harness.Registry.ReadStateAsync("doc", None)).Exists);
    }

    [Fact]
    public async Task A_silent_peer_gets_a_keep_alive_before_a_stock_client_gives_up()
    {
        await using var harness = new RoomHarness();
        TestPeer peer = await harness.JoinAsync();
        await peer.ReceiveAsync();

        await harness.TickAsync(TimeSpan.FromSeconds(15));
        Assert.Empty(await peer.ReceiveAsync());
        await harness.TickAsync(TimeSpan.FromSeconds(6));

        Assert.Equal([1, 1, 0], Assert.Single(await peer.ReceiveAsync()));
    }

    [Fact]
    public async Task Shutdown_commits_then_closes_every_peer_with_restart()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer peer = await harness.JoinAsync();
        await peer.SendUpdateAsync(Updates.Text(1, 0, "hello"));

        Task shutdown = harness.Registry.ShutdownAsync(None);
        await RoomHarness.SettleAsync(peer.Room!);
        Assert.Null(peer.Closed);
        Assert.False(shutdown.IsCompleted);
        harness.Log.Commit();
        await shutdown;

        peer.Drain(out _);
        Assert.Equal(CloseCode.ServiceRestart, peer.Closed?.Code);
        Assert.Equal(JoinOutcome.ShuttingDown, (await harness.JoinAsync()).Result.Outcome);
    }

    [Fact]
    public async Task A_long_log_is_folded_and_the_document_stays_the_same()
    {
        await using var harness = new RoomHarness(options => options.Rooms.FoldRows = 10);
        TestPeer writer = await harness.JoinAsync();
        for (uint clock = 0; clock < 50; clock++)
            await writer.SendUpdateAsync(Updates.Text(1, clock, "x"));
        await writer.SendUpdateAsync(Updates.Delete(1, 0, 10));

        await harness.TickAsync();
        await Wait.UntilAsync(() => harness.Log.UpdatesOf("doc").Count == 52, "the snapshot is written");

        var snapshot = new UpdateStore();
        snapshot.Apply(harness.Log.UpdatesOf("doc")[0], UpdateSource.Trusted);
        Assert.Equal(50u, snapshot.StateOf(1));
        await writer.SendUpdateAsync(Updates.Text(1, 50, "y"));
        var after = new UpdateStore();
        after.Apply((await harness.Registry.ReadStateAsync("doc", None)).Update);
        Assert.Equal(51u, after.StateOf(1));
    }
}
