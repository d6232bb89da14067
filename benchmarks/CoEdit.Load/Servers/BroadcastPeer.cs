using System.Net.WebSockets;

namespace CoEdit.Load;

/// <summary>One socket of the <see cref="BroadcastServer"/>: a receive loop and a send loop with a queue between rooms and it.</summary>
internal sealed class BroadcastPeer(BroadcastRoom room, WebSocket socket, Stream stream, bool joined) : IDisposable
{
    private const int MaxHeaderBytes = 10;
    private const int WriteBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private List<byte[]> _waiting = [];
    private byte[] _write = [];

    public async Task RunAsync()
    {
        using var ended = new CancellationTokenSource();
        Task sending = SendLoopAsync(ended.Token);
        room.Join(this);
        try
        {
            await ReceiveLoopAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or IOException)
        {
            // The generator resets its connections; there is nothing to say to them.
        }
        finally
        {
            room.Leave(this);
            await ended.CancelAsync();
            await sending;
        }
    }

    public void Dispose() => _signal.Dispose();

    /// <summary>Called under the lock of the room.</summary>
    public void Enqueue(byte[] message)
    {
        bool wake;
        lock (_gate)
        {
            wake = _waiting.Count == 0;
            _waiting.Add(message);
        }

        if (wake)
            _signal.Release();
    }

    private async Task ReceiveLoopAsync()
    {
        var buffer = new byte[4096];
        int length = 0;
        while (true)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            ValueWebSocketReceiveResult piece = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            if (piece.MessageType == WebSocketMessageType.Close)
                return;
            length += piece.Count;
            if (!piece.EndOfMessage)
                continue;
            room.Broadcast(buffer[..length], this);
            length = 0;
        }
    }

    private async Task SendLoopAsync(CancellationToken ended)
    {
        List<byte[]> taken = [];
        try
        {
            while (true)
            {
                await _signal.WaitAsync(ended);
                lock (_gate)
                    (taken, _waiting) = (_waiting, taken);
                await WriteAsync(taken, ended);
                taken.Clear();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The receive loop ends on its own, or has.
        }
    }

    private async Task WriteAsync(List<byte[]> messages, CancellationToken ended)
    {
        if (!joined)
        {
            foreach (byte[] message in messages)
                await socket.SendAsync(message, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, ended);
            return;
        }

        // Only this loop writes: the WebSocket on the same stream only reads, and has no pings.
        int at = 0;
        foreach (byte[] message in messages)
        {
            int needed = message.Length + MaxHeaderBytes;
            if (at + needed > WriteBytes && at > 0)
            {
                await stream.WriteAsync(_write.AsMemory(0, at), ended);
                at = 0;
            }

            if (_write.Length < needed)
                _write = new byte[Math.Max(needed, WriteBytes)];
            at += Frames.PutHeader(_write.AsSpan(at), 0x82, message.Length, masked: false);
            message.CopyTo(_write.AsSpan(at));
            at += message.Length;
        }

        await stream.WriteAsync(_write.AsMemory(0, at), ended);
    }
}
