namespace CoEdit.Server.Tests;

public sealed class CoalescingStreamTests
{
    [Fact]
    public async Task Writes_that_promise_a_successor_leave_together_with_it()
    {
        var inner = new RecordingStream();
        await using var stream = new CoalescingStream(inner, TimeProvider.System);

        stream.MoreFollows = true;
        await stream.WriteAsync(new byte[] { 1, 2 });
        await stream.WriteAsync(new byte[] { 3 });
        Assert.Empty(inner.Writes);
        stream.MoreFollows = false;
        await stream.WriteAsync(new byte[] { 4 });
        await stream.WriteAsync(new byte[] { 5 });

        Assert.Equal([[1, 2, 3, 4], [5]], inner.Writes);
    }

    [Fact]
    public async Task A_large_write_takes_along_what_was_held_and_goes_out_in_slices()
    {
        var inner = new RecordingStream();
        await using var stream = new CoalescingStream(inner, TimeProvider.System);
        byte[] large = [.. Enumerable.Range(0, 200_000).Select(i => (byte)i)];

        stream.MoreFollows = true;
        await stream.WriteAsync(new byte[] { 255 });
        await stream.WriteAsync(large);
        stream.MoreFollows = false;
        await stream.WriteAsync(new byte[] { 254 });

        Assert.Equal([255, .. large, 254], inner.Writes.SelectMany(write => write));
        Assert.All(inner.Writes, write => Assert.True(write.Length <= 64 * 1024));
    }

    [Fact]
    public async Task A_write_that_waits_shows_for_how_long()
    {
        var time = new ManualTimeProvider();
        var inner = new RecordingStream { Gate = new TaskCompletionSource() };
        await using var stream = new CoalescingStream(inner, time);

        ValueTask write = stream.WriteAsync(new byte[] { 1 });
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.FromSeconds(7), stream.Stalled);
        inner.Gate.SetResult();
        await write;

        Assert.Equal(TimeSpan.Zero, stream.Stalled);
    }

    private sealed class RecordingStream : MemoryStream
    {
        public List<byte[]> Writes { get; } = [];

        public TaskCompletionSource? Gate { get; set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Gate is { } gate)
                await gate.Task;
            Writes.Add(buffer.ToArray());
        }
    }
}
