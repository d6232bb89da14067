namespace CoEdit.Server.Tests;

public sealed class OutboxTests
{
    [Fact]
    public void A_full_outbox_refuses_but_one_large_frame_passes_when_nothing_else_waits()
    {
        var outbox = new Outbox(maxBytes: 10, maxFrames: 3);

        Assert.True(outbox.TryEnqueue(new byte[100], Owner(outbox), 0));
        Assert.False(outbox.TryEnqueue(new byte[1], Owner(outbox), 0));
        outbox.Take(out _, out _, out _, out _);
        Assert.True(outbox.TryEnqueue(new byte[4], Owner(outbox), 0));
        Assert.True(outbox.TryEnqueue(new byte[4], Owner(outbox), 0));
        Assert.False(outbox.TryEnqueue(new byte[4], Owner(outbox), 0));
    }

    [Fact]
    public void Only_the_last_frame_of_a_burst_is_without_the_promise_of_another()
    {
        var outbox = new Outbox(100, 10);
        outbox.TryEnqueue([1], Owner(outbox), 0);
        outbox.TryEnqueue([2], Owner(outbox), 0);

        outbox.Take(out byte[] first, out bool moreAfterFirst, out _, out _);
        outbox.Take(out byte[] second, out bool moreAfterSecond, out _, out _);

        Assert.Equal<byte[][]>([[1], [2]], [first, second]);
        Assert.Equal((true, false), (moreAfterFirst, moreAfterSecond));
    }

    [Fact]
    public void Dropping_the_queue_keeps_the_promise_of_another_frame()
    {
        var outbox = new Outbox(100, 10);
        Peer peer = Owner(outbox);
        outbox.TryEnqueue([1], peer, 0);
        outbox.TryEnqueue([2], peer, 0);
        outbox.TryEnqueue([3], peer, 0);
        outbox.Take(out _, out bool more, out _, out _);
        Assert.True(more);

        Assert.Equal([3], Assert.Single(outbox.DropAll(peer)));

        Assert.Equal(Outbox.Work.Frame, outbox.Take(out byte[] kept, out more, out _, out _));
        Assert.Equal([2], kept);
        Assert.False(more);
        Assert.Equal(Outbox.Work.Drained, outbox.Take(out _, out _, out Peer? drained, out _));
        Assert.Same(peer, drained);
        Assert.Equal(Outbox.Work.Nothing, outbox.Take(out _, out _, out _, out _));
    }

    [Fact]
    public void Only_the_frames_of_one_peer_are_dropped_and_those_of_the_socket_itself_always_pass()
    {
        var outbox = new Outbox(100, 2);
        Peer mine = Owner(outbox);
        Peer other = Owner(outbox);
        outbox.TryEnqueue([1], mine, 0);
        outbox.TryEnqueue([2], other, 0);
        Assert.False(outbox.TryEnqueue([3], mine, 0));
        Assert.True(outbox.TryEnqueue([4], owner: null, 0));

        Assert.Equal([1], Assert.Single(outbox.DropAll(mine)));

        outbox.Take(out byte[] first, out _, out _, out _);
        outbox.Take(out byte[] second, out _, out _, out _);
        Assert.Equal<byte[][]>([[2], [4]], [first, second]);
        Assert.Equal(Outbox.Work.Drained, outbox.Take(out _, out _, out Peer? drained, out _));
        Assert.Same(mine, drained);
    }

    [Fact]
    public void Drains_are_reported_one_at_a_time_and_each_peer_is_owed_one()
    {
        var outbox = new Outbox(100, 10);
        Peer first = Owner(outbox);
        Peer second = Owner(outbox);
        outbox.ReportDrained(first);
        outbox.ReportDrained(first);
        outbox.ReportDrained(second);

        outbox.Take(out _, out _, out Peer? drained, out _);
        Assert.Same(first, drained);
        Assert.Equal(Outbox.Work.Nothing, outbox.Take(out _, out _, out _, out _)); // its part may still come
        outbox.EnqueuePart(new byte[1_000], 0);
        outbox.EndDrain();
        Assert.Equal(Outbox.Work.Frame, outbox.Take(out _, out _, out _, out _));
        outbox.Take(out _, out _, out drained, out _);
        Assert.Same(second, drained);
        outbox.EndDrain();
        Assert.Equal(Outbox.Work.Nothing, outbox.Take(out _, out _, out _, out _));
    }

    [Fact]
    public void A_part_is_never_dropped()
    {
        var outbox = new Outbox(100, 10);
        outbox.EnqueuePart(new byte[1_000], 0);

        Assert.Empty(outbox.DropAll(Owner(outbox)));

        Assert.Equal(Outbox.Work.Frame, outbox.Take(out _, out _, out _, out _));
    }

    [Theory]
    [InlineData(10, 1_000_000, 160)]
    [InlineData(1_000_000, 1_000, 100)]
    public void A_client_that_reads_none_of_the_answers_to_what_it_sends_is_closed(int maxFrames, int maxBytes, int expected)
    {
        var outbox = new Outbox(maxBytes, maxFrames);
        int queued = 0;
        while (!outbox.IsClosing && queued < 10_000)
        {
            outbox.TryEnqueue(new byte[10], owner: null, 0);
            queued++;
        }

        Assert.Equal(expected + 1, queued);
        while (outbox.Take(out _, out _, out _, out OutboxClose close) == Outbox.Work.Frame || close.Code != 1013)
            Assert.True(queued-- > 0);
    }

    [Fact]
    public void Answers_that_are_read_may_go_on_for_ever()
    {
        var outbox = new Outbox(100, 4);
        for (int i = 0; i < 1_000; i++)
        {
            outbox.TryEnqueue(new byte[10], owner: null, 0);
            Assert.Equal(Outbox.Work.Frame, outbox.Take(out _, out _, out _, out _));
        }
    }

    [Fact]
    public void A_close_comes_after_what_was_queued_and_the_first_one_wins()
    {
        var outbox = new Outbox(100, 10);
        outbox.TryEnqueue([1], Owner(outbox), 0);
        outbox.Close(1007, "first");
        outbox.Close(1013, "second");
        Assert.True(outbox.TryEnqueue([2], Owner(outbox), 0)); // swallowed: the socket is going away

        Assert.Equal(Outbox.Work.Frame, outbox.Take(out _, out _, out _, out _));
        Assert.Equal(Outbox.Work.Close, outbox.Take(out _, out _, out _, out OutboxClose close));
        Assert.Equal(new OutboxClose(1007, "first"), close);
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("", "")]
    public void A_reason_that_fits_stays_as_it_is(string reason, string expected) => Assert.Equal(expected, new OutboxClose(1013, reason).WireReason);

    [Fact]
    public void A_reason_that_is_too_long_for_a_close_frame_is_cut_between_characters()
    {
        string reason = string.Concat(Enumerable.Repeat("\U0001F600", 100));

        string cut = new OutboxClose(1013, reason).WireReason;

        Assert.Equal(string.Concat(Enumerable.Repeat("\U0001F600", 30)) + "...", cut);
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(cut) <= 123);
    }

    [Fact]
    public async Task The_signal_wakes_its_waiter_whether_it_was_set_before_or_after()
    {
        var signal = new AsyncSignal();
        signal.Set();
        signal.Set();
        await signal.WaitAsync();

        ValueTask waiting = signal.WaitAsync();
        Assert.False(waiting.IsCompleted);
        signal.Set();
        await waiting;
    }

    private static YWebSocketPeer Owner(Outbox outbox) => new YWebSocketPeer(1, outbox, null);
}
