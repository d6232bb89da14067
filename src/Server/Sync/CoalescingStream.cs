using System.Buffers;
using System.Net.WebSockets;

namespace CoEdit.Server;

/// <summary>Lies between the framework's WebSocket and the connection and joins several small frames into one write.</summary>
/// <remarks>
/// A write to the connection costs microseconds, a copy of a keystroke's frame nanoseconds. The send loop sets <see cref="MoreFollows"/>
/// before each frame but the last of a burst; those writes are kept, and the first write without the flag carries them all.
/// Writes come one at a time (the WebSocket serialises them, its own pings included). Large writes go out in slices, so that a slow
/// reader shows as slow progress instead of one long wait.
/// </remarks>
internal sealed class CoalescingStream(Stream inner, TimeProvider time) : Stream
{
    private const int JoinLimit = 32 * 1024;
    private const int SliceBytes = 64 * 1024;

    private byte[]? _held;
    private int _heldBytes;
    private Action? _abort;
    private WebSocket? _carried;
    private long _writingSince; // 0 when no write is waiting; otherwise the timestamp of the last progress

    /// <summary>Another frame follows immediately: keep this one.</summary>
    public bool MoreFollows { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>How long the current write has made no progress; zero when none is waiting. Any thread.</summary>
    public TimeSpan Stalled
    {
        get
        {
            long since = Volatile.Read(ref _writingSince);
            return since == 0 ? TimeSpan.Zero : time.GetElapsedTime(since);
        }
    }

    /// <summary>
    /// Names the WebSocket that runs on this stream, and what cuts the connection. An aborted WebSocket only disposes of its stream, which
    /// ends neither a read nor a write that waits for a dead peer.
    /// </summary>
    public void Carry(WebSocket socket, Action abort)
    {
        _carried = socket;
        _abort = abort;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_heldBytes + buffer.Length <= JoinLimit && (MoreFollows || _heldBytes > 0))
        {
            _held ??= ArrayPool<byte>.Shared.Rent(JoinLimit);
            buffer.Span.CopyTo(_held.AsSpan(_heldBytes));
            _heldBytes += buffer.Length;
            return MoreFollows ? ValueTask.CompletedTask : WriteOutAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);
        }

        return WriteOutAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The connection flushes with every write; a flush in between would defeat the joining.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous use only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous use only.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_held is { } held)
            {
                _held = null;
                ArrayPool<byte>.Shared.Return(held);
            }

            if (_carried?.State == WebSocketState.Aborted)
                _abort!();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask WriteOutAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        Progress();
        try
        {
            if (_heldBytes > 0)
            {
                int count = _heldBytes;
                _heldBytes = 0;
                await inner.WriteAsync(_held.AsMemory(0, count), cancellationToken);
                Progress();
            }

            if (_held is { } idle && buffer.IsEmpty)
            {
                _held = null;
                ArrayPool<byte>.Shared.Return(idle);
            }

            while (!buffer.IsEmpty)
            {
                int slice = Math.Min(buffer.Length, SliceBytes);
                await inner.WriteAsync(buffer[..slice], cancellationToken);
                buffer = buffer[slice..];
                Progress();
            }
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
        }
    }

    private void Progress() => Volatile.Write(ref _writingSince, time.GetTimestamp());
}
