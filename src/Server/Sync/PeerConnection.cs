using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>What a connection does with the messages it receives: one protocol, one implementation.</summary>
internal interface IMessageReceiver
{
    /// <summary>Largest message it takes now, if that is less than any connection may send.</summary>
    int MaxMessageBytes => int.MaxValue;

    /// <summary>Handles one whole binary message. Waiting slows this connection's reads, and through TCP the sender.</summary>
    ValueTask ReceiveAsync(MessageAssembler message);

    /// <summary>Nothing more will come. Called once, when the receive loop ends for whatever reason.</summary>
    ValueTask EndAsync();
}

/// <summary>One WebSocket: a receive loop that hands whole messages to its protocol, and a send loop that empties the outbox.</summary>
/// <remarks>
/// Only the send loop sends and starts a close; only the receive loop receives. A room that is busy slows the receive loop
/// (its inbox is bounded), and through TCP the sender: nothing is dropped.
/// </remarks>
internal sealed partial class PeerConnection(
    WebSocket socket,
    CoalescingStream stream,
    Outbox outbox,
    LimitsSection limits,
    AssemblyBudget budget,
    CoEditMetrics metrics,
    TimeProvider time,
    ILogger<PeerConnection> logger)
{
    private const int MinProgressBytes = 8 * 1024;

    /// <summary>How long a peer may take to answer a close frame.</summary>
    private static readonly TimeSpan CloseLinger = TimeSpan.FromSeconds(3);

    private long _assemblingSince;   // timestamp at which the message in hand last counted as alive; 0 between messages
    private long _receivedAtMark;

    /// <summary>What went over the socket.</summary>
    public SocketTraffic Traffic => outbox.Traffic;

    /// <summary>Runs both loops until the socket is done for.</summary>
    public async Task RunAsync(IMessageReceiver receiver, CancellationToken aborted)
    {
        using CancellationTokenRegistration registration = aborted.Register(static state => ((WebSocket)state!).Abort(), socket);
        Task receiving = ReceiveLoopAsync(receiver);
        Task sending = SendLoopAsync();
        await FinishAsync(receiving, sending);
    }

    /// <summary>Closes a socket that got no room: says why and waits briefly for the other side.</summary>
    public async Task RefuseAsync(int code, string reason, CancellationToken aborted)
    {
        using CancellationTokenRegistration registration = aborted.Register(static state => ((WebSocket)state!).Abort(), socket);
        Refuse(code, reason);
        await FinishAsync(ReceiveLoopAsync(null), SendLoopAsync());
    }

    /// <summary>Closes the socket after what is queued. Any thread; the first close wins.</summary>
    public void Close(int code, string reason) => outbox.Close(code, reason);

    /// <summary>Ends the socket at once, without a word. Any thread.</summary>
    public void Abort() => socket.Abort();

    /// <summary>Aborts a connection that makes no progress in the middle of a message. Called about once a second, any thread.</summary>
    public void CheckProgress()
    {
        if (stream.Stalled >= limits.StallTimeout)
        {
            Refuse(Rejection.Stalled, CloseCode.TryAgainLater, "The connection took no data for too long.");
            socket.Abort();
            return;
        }

        long since = Volatile.Read(ref _assemblingSince);
        if (since == 0 || time.GetElapsedTime(since) < limits.StallTimeout)
            return;
        long received = Traffic.BytesReceived;
        if (received - _receivedAtMark < MinProgressBytes)
        {
            Refuse(Rejection.Stalled, CloseCode.TryAgainLater, "A message made no progress for too long.");
            return;
        }

        _receivedAtMark = received;
        Volatile.Write(ref _assemblingSince, time.GetTimestamp());
    }

    // Whichever loop ends first ends the other, with some patience for the closing handshake.
    private async Task FinishAsync(Task receiving, Task sending)
    {
        try
        {
            Task first = await Task.WhenAny(receiving, sending);
            if (first == receiving)
                outbox.Close((int)WebSocketCloseStatus.NormalClosure, "");
            using var patience = new CancellationTokenSource();
            Task both = Task.WhenAll(receiving, sending);
            await Task.WhenAny(both, Task.Delay(CloseLinger, time, patience.Token));
            await patience.CancelAsync();
            if (!both.IsCompleted)
                socket.Abort();
            await both;
        }
        finally
        {
            socket.Dispose();
            await stream.DisposeAsync();
        }
    }

    private async Task ReceiveLoopAsync(IMessageReceiver? receiver)
    {
        using var assembler = new MessageAssembler(limits.MaxMessageBytes, budget);
        var rate = new RateBucket(limits.MaxMessagesPerSecond, limits.MaxBytesPerSecond, time);
        TimeSpan pause = TimeSpan.Zero;
        try
        {
            while (true)
            {
                if (pause > TimeSpan.Zero && !outbox.IsClosing)
                    await Task.Delay(pause, time);

                ValueWebSocketReceiveResult piece = await ReceiveAsync(assembler);
                if (piece.MessageType == WebSocketMessageType.Close)
                    return;
                Traffic.Receive(piece.Count, piece.EndOfMessage);
                pause = rate.Take(piece.EndOfMessage ? 1 : 0, piece.Count);
                if (outbox.IsClosing)
                {
                    assembler.Reset();
                    continue; // only the answer to our close frame is still of interest
                }

                if (piece.MessageType == WebSocketMessageType.Text)
                {
                    Refuse(CloseCode.UnsupportedData, "Messages are binary; this one was text.");
                    continue;
                }

                assembler.MaxBytes = Math.Min(limits.MaxMessageBytes, receiver?.MaxMessageBytes ?? int.MaxValue);
                switch (assembler.Add(piece.Count, piece.EndOfMessage))
                {
                    case MessageAssembler.Verdict.TooBig:
                        bool mayBeLarger = assembler.MaxBytes < limits.MaxMessageBytes; // once somebody is let in
                        Refuse(mayBeLarger ? CloseCode.ResetConnection : CloseCode.MessageTooBig, $"A message may have {assembler.MaxBytes} bytes{(mayBeLarger ? " before being let in" : "")}.");
                        continue;
                    case MessageAssembler.Verdict.OutOfMemory:
                        Refuse(CloseCode.TryAgainLater, "Too many large messages are on their way; try again.");
                        continue;
                    case MessageAssembler.Verdict.EmptyPieces:
                        Refuse(CloseCode.ProtocolError, "A message came in too many empty frames.");
                        continue;
                }

                if (!piece.EndOfMessage)
                {
                    MarkBegun();
                    continue;
                }

                Volatile.Write(ref _assemblingSince, 0);
                if (receiver is not null)
                    await receiver.ReceiveAsync(assembler);
                assembler.Reset();
            }
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            // The other side is gone, or broke the framing (then the framework has sent 1002).
            LogLost(exception.Message);
            socket.Abort();
        }
        finally
        {
            if (receiver is not null)
                await receiver.EndAsync();
        }
    }

    // Most sockets are silent for long between two messages: they wait for one to begin without a buffer.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(MessageAssembler assembler)
    {
        if (!assembler.HasBuffer)
        {
            ValueWebSocketReceiveResult begun = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (begun.EndOfMessage || begun.MessageType == WebSocketMessageType.Close)
                return begun;
        }

        ValueTask<ValueWebSocketReceiveResult> piece = socket.ReceiveAsync(assembler.Free, CancellationToken.None);
        if (!piece.IsCompleted)
            MarkBegun();
        return await piece;
    }

    private void MarkBegun()
    {
        if (_assemblingSince != 0)
            return;
        _receivedAtMark = Traffic.BytesReceived;
        Volatile.Write(ref _assemblingSince, time.GetTimestamp());
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (true)
            {
                switch (outbox.Take(out byte[]? frame, out bool more, out Peer? drained, out OutboxClose? close))
                {
                    case Outbox.Work.Frame:
                        stream.MoreFollows = more;
                        Traffic.Send(frame.Length);
                        await socket.SendAsync(frame, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
                        break;
                    case Outbox.Work.Drained:
                        if (!await drained!.Room!.PostAsync(new RoomMessage(RoomMessageKind.Drained, drained), CancellationToken.None))
                            outbox.EndDrain();
                        break;
                    case Outbox.Work.Close:
                        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                            await socket.CloseOutputAsync((WebSocketCloseStatus)close.Code, close.WireReason, CancellationToken.None);
                        return;
                    default:
                        await outbox.WaitAsync();
                        break;
                }
            }
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            LogLost(exception.Message);
            outbox.Close((int)WebSocketCloseStatus.EndpointUnavailable, "");
            socket.Abort();
        }
    }

    private void Refuse(int code, string reason) => Refuse(Rejections.Of(code), code, reason);

    private void Refuse(Rejection why, int code, string reason)
    {
        if (!outbox.IsClosing)
            metrics.AddRejection(why);
        outbox.Close(code, reason);
    }

    private static bool IsConnectionLoss(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;

    [LoggerMessage(EventIds.ConnectionFailed, LogLevel.Debug, "A connection was lost: {Reason}")]
    private partial void LogLost(LogText reason);
}
