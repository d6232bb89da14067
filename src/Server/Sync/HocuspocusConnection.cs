using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>One Hocuspocus socket: sorts messages by their address, and lets each address into its document.</summary>
/// <remarks>
/// <para>
/// Clients send proof of who they are, their question and their presence in one go. So messages of an address wait until it is let in and
/// its document is loaded, and are then handled in order by a pump of that address; others are not held up. Once nothing waits, messages
/// are handled by the receive loop as they come.
/// </para>
/// <para>Before an address is let in it may make the server keep only so much: <see cref="MaxWaitingBytes"/> and its like.</para>
/// </remarks>
internal sealed partial class HocuspocusConnection : IMessageReceiver, IDisposable
{
    private const int MaxAddressBytes = 1024;
    private const int MaxWaitingBytes = 1024 * 1024;
    private const int MaxWaitingFrames = 1_000;
    private const int MaxWaitingDocuments = 100;

    private readonly HocuspocusServices _services;
    private readonly Outbox _outbox;
    private readonly ConnectionPlace _place;
    private readonly HttpContext _context;
    private readonly bool _needsToken;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end;
    private readonly TimeSpan _patience;
    private readonly ITimer _timer; // runs while no document is open

    // Guards the rest, and what changes in a seat.
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], HocuspocusSeat> _seats = new(AddressComparer.Instance);
    private readonly List<HocuspocusSeat> _pumped = [];
    private int _open;
    private int _waitingFrames;
    private long _waitingBytes;
    private bool _ended;

    public HocuspocusConnection(HocuspocusServices services, AcceptedSocket socket, HttpContext context)
    {
        _services = services;
        _outbox = socket.Outbox;
        _place = socket.Place;
        _context = context;
        _needsToken = services.Options.Auth.Mode != AuthMode.None;
        _logger = services.Logger;
        _end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        _patience = services.Options.Limits.HandshakeTimeout;
        _timer = services.Time.CreateTimer(static state => ((HocuspocusConnection)state!).OnTimeout(), this, _patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>As long as nobody has shown a token, messages are small; the queue of what waits is bounded by its own limits.</summary>
    public int MaxMessageBytes => _needsToken && Volatile.Read(ref _open) == 0
        ? _services.Options.Limits.MaxUnauthenticatedBytes
        : int.MaxValue;

    public async ValueTask ReceiveAsync(MessageAssembler message)
    {
        if (!TryFindSeat(message.Written, out HocuspocusSeat? seat, out HocuspocusMessageType type, out int offset, out bool asksIn))
            return;
        byte[] frame = message.Take(offset);
        HocuspocusPeer? peer;
        while (true)
        {
            Task? obstacle;
            lock (_gate)
            {
                peer = seat.Pump is null && type != HocuspocusMessageType.Auth ? seat.Peer : null;
                if (peer is not null)
                    break;
                obstacle = KeepForLater(seat, frame, type, asksIn);
            }

            if (obstacle is null)
                return;
            await obstacle;
        }

        try
        {
            await HandleAsync(seat, peer, type, frame);
        }
        catch (MalformedUpdateException exception)
        {
            Refuse(CloseCode.ProtocolError, exception.Message);
        }
    }

    public async ValueTask EndAsync()
    {
        List<HocuspocusPeer> peers;
        Task[] pumps;
        lock (_gate)
        {
            _ended = true;
            peers = [.. _seats.Values.Select(seat => seat.Peer).OfType<HocuspocusPeer>()];
            pumps = [.. _pumped.Select(seat => seat.Pump!)];
        }

        await _end.CancelAsync();
        await Task.WhenAll(pumps);
        foreach (HocuspocusPeer peer in peers)
            await peer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Leave, peer), CancellationToken.None);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _end.Dispose();
    }

    // A room, in its loop, has ended a peer's part in it.
    private void OnClosed(HocuspocusPeer peer)
    {
        lock (_gate)
        {
            peer.IsOver = true;
            if (Vacate(peer))
                peer.Seat.IsDenied = true;
        }
    }

    private bool TryFindSeat(ReadOnlySpan<byte> message, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HocuspocusSeat? seat,
        out HocuspocusMessageType type, out int offset, out bool asksIn)
    {
        seat = null;
        type = default;
        offset = 0;
        asksIn = false;
        HocuspocusFrame frame;
        try
        {
            frame = HocuspocusFrame.Read(message);
            asksIn = frame.Type == HocuspocusMessageType.Auth
                || (!_needsToken && frame.Type == HocuspocusMessageType.Sync && HocuspocusFrame.IsStep1(frame.Body));
        }
        catch (MalformedUpdateException exception)
        {
            Refuse(CloseCode.ProtocolError, exception.Message);
            return false;
        }

        if (frame.Type is > HocuspocusMessageType.Close)
            return false; // a sign of life, or nothing that this version knows
        if (frame.Address.Length > MaxAddressBytes)
        {
            Refuse(CloseCode.ResetConnection, $"An address may have {MaxAddressBytes} bytes.");
            return false;
        }

        type = frame.Type;
        offset = frame.MessageOffset;
        lock (_gate)
        {
            var seats = _seats.GetAlternateLookup<ReadOnlySpan<byte>>();
            if (seats.TryGetValue(frame.Address, out seat))
                return true;
            // Without a seat of its own, a session is spoken for by the plain name.
            if (type != HocuspocusMessageType.Auth && seats.TryGetValue(frame.DocumentName, out seat) && seat.Peer is not null)
                return true;
        }

        seat = new HocuspocusSeat(frame.Address.ToArray(), OnClosed);
        return type != HocuspocusMessageType.Close; // nothing to leave
    }

    // Under the lock. Null: the message is kept, or nobody wants it. Otherwise what to wait for before trying again.
    private Task? KeepForLater(HocuspocusSeat seat, byte[] frame, HocuspocusMessageType type, bool asksIn)
    {
        if (seat.Pump is null && type == HocuspocusMessageType.Close)
        {
            _seats.Remove(seat.Address);
            _waitingFrames -= seat.Waiting.Count;
            _waitingBytes -= seat.Waiting.Sum(waiting => (long)waiting.Length);
            return null;
        }

        if (seat.Pump is null && seat.IsDenied && !asksIn)
            return null;
        bool isNew = !_seats.ContainsKey(seat.Address);
        if (_waitingFrames >= MaxWaitingFrames || (_waitingFrames > 0 && _waitingBytes + frame.Length > MaxWaitingBytes)
            || (isNew && _seats.Count - _open >= MaxWaitingDocuments) || (frame.Length > MaxWaitingBytes && seat.Pump is null && !asksIn))
        {
            // While somebody is being let in it is we who are slow.
            if ((seat.Pump ?? (_pumped.Count > 0 ? _pumped[0].Pump : null)) is { } pump)
                return pump;
            Refuse(CloseCode.ResetConnection, "Too much was sent before being let in.");
            return null;
        }

        if (isNew)
            _seats.Add(seat.Address, seat);
        _waitingFrames++;
        _waitingBytes += frame.Length;
        if (seat.Pump is not null || !asksIn)
        {
            seat.Waiting.AddLast(frame);
            return null;
        }

        seat.Waiting.AddFirst(frame); // what waits, waits for this
        _pumped.Add(seat);
        seat.Pump = Task.Run(() => PumpAsync(seat));
        return null;
    }

    private async Task PumpAsync(HocuspocusSeat seat)
    {
        try
        {
            while (TakeWaiting(seat) is { } frame)
                await HandleWaitingAsync(seat, frame);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The socket is gone.
        }
        catch (MalformedUpdateException exception)
        {
            Refuse(CloseCode.ProtocolError, exception.Message);
        }
#pragma warning disable CA1031 // An authenticator of the application may throw anything; it costs the socket that asked, and is logged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogAuthenticatorFailed(exception);
            Refuse(CloseCode.TryAgainLater, "You cannot be let in at the moment.");
        }
        finally
        {
            EndPump(seat);
        }
    }

    private byte[]? TakeWaiting(HocuspocusSeat seat)
    {
        lock (_gate)
        {
            if (_ended || seat.Waiting.First is not { } first)
            {
                EndPump(seat); // under the same lock as the look, or a message could be left behind
                return null;
            }

            seat.Waiting.RemoveFirst();
            _waitingFrames--;
            _waitingBytes -= first.Value.Length;
            return first.Value;
        }
    }

    private void EndPump(HocuspocusSeat seat)
    {
        lock (_gate)
        {
            if (!_pumped.Remove(seat))
                return;
            seat.Pump = null;
            if (seat.Peer is null && !seat.IsDenied && seat.Waiting.Count == 0)
                _seats.Remove(seat.Address);
        }
    }

    // Under the lock: the seat is free again. False if it was before.
    private bool Vacate(HocuspocusPeer peer)
    {
        if (peer.Seat.Peer != peer)
            return false;
        peer.Seat.Peer = null;
        if (--_open == 0 && !_ended)
            _timer.Change(_patience, Timeout.InfiniteTimeSpan);
        return true;
    }

    private void OnTimeout()
    {
        lock (_gate)
        {
            if (_open > 0 || _ended)
                return;
        }

        Refuse(CloseCode.ConnectionTimeout, "No document was opened in time.");
    }

    private void Refuse(int code, string reason)
    {
        if (!_outbox.IsClosing)
            _services.Metrics.AddRejection(code);
        _outbox.Close(code, reason);
    }

    [LoggerMessage(EventIds.AuthenticatorFailed, LogLevel.Error, "A client could not be authenticated.")]
    private partial void LogAuthenticatorFailed(Exception exception);
}
