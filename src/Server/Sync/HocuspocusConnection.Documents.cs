using CoEdit.Protocol;

namespace CoEdit.Server;

/// <content>What becomes of a message whose address is known: into a document, in it, and out of it.</content>
internal sealed partial class HocuspocusConnection
{
    private const string Denied = "permission-denied";
    private const string Left = "provider_initiated";

    private async Task HandleWaitingAsync(HocuspocusSeat seat, byte[] frame)
    {
        HocuspocusFrame.ReadMessage(frame, out HocuspocusMessageType type, out ReadOnlySpan<byte> body);
        HocuspocusPeer? peer = PeerOf(seat);
        if (type == HocuspocusMessageType.Auth)
        {
            if (!HocuspocusFrame.ReadToken(body, out string token, out string? version))
                return;
            if (peer is null)
                await OpenAsync(seat, token, version);
            else
                await RenewAsync(seat, peer, token);
            return;
        }

        if (peer is null && !_needsToken && type == HocuspocusMessageType.Sync && HocuspocusFrame.IsStep1(body))
        {
            await OpenAsync(seat, token: null, version: null);
            peer = PeerOf(seat);
        }

        if (peer is not null)
            await HandleAsync(seat, peer, type, frame);
    }

    /// <summary>Handles a message of an address that is in its document.</summary>
    private async ValueTask HandleAsync(HocuspocusSeat seat, HocuspocusPeer peer, HocuspocusMessageType type, byte[] frame)
    {
        switch (type)
        {
            case HocuspocusMessageType.Sync or HocuspocusMessageType.Awareness or HocuspocusMessageType.QueryAwareness:
                await PostAsync(new RoomMessage(RoomMessageKind.Frame, peer, frame));
                break;
            case HocuspocusMessageType.SyncReply:
                HocuspocusFrame.ReadMessage(frame, out _, out ReadOnlySpan<byte> body);
                byte[] sync = HocuspocusProtocol.Addressed([(byte)HocuspocusMessageType.Sync], body);
                await PostAsync(new RoomMessage(RoomMessageKind.SyncReply, peer, sync));
                break;
            case HocuspocusMessageType.Stateless:
                await HearAsync(peer, frame);
                break;
            case HocuspocusMessageType.BroadcastStateless:
                // Only servers say this to each other. Nothing is relayed.
                _services.Metrics.AddRejection(Rejection.Forbidden);
                await LeaveAsync(peer);
                Deny(seat, seat.Farewell("Forbidden"));
                break;
            case HocuspocusMessageType.Close:
                await LeaveAsync(peer);
                if (seat.Provider.KnowsClose)
                    Send(HocuspocusProtocol.Close(seat.Prefix, Left));
                lock (_gate)
                {
                    if (seat.Pump is null)
                        _seats.Remove(seat.Address);
                }

                break;
        }
    }

    private async ValueTask PostAsync(RoomMessage message)
    {
        if (!await message.Peer!.Room!.PostAsync(message, CancellationToken.None) && PeerOf(((HocuspocusPeer)message.Peer).Seat) == message.Peer)
            _outbox.Close(CloseCode.TryAgainLater, "The room was closed.");
    }

    private async ValueTask HearAsync(HocuspocusPeer peer, byte[] frame)
    {
        HocuspocusFrame.ReadMessage(frame, out _, out ReadOnlySpan<byte> body);
        var message = new StatelessMessage(peer.Room!.Name, peer.Principal, peer.Id, HocuspocusFrame.ReadText(body));
        try
        {
            await _services.Stateless.HandleAsync(message, _end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The sender is gone.
        }
#pragma warning disable CA1031 // The application's handler may throw anything; its failure is logged and is not the client's fault.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogHandlerFailed(exception, message.Document);
        }
    }

    private async Task OpenAsync(HocuspocusSeat seat, string? token, string? version)
    {
        seat.Provider = HocuspocusProvider.Of(token, version);
        lock (_gate)
            seat.IsDenied = false;
        if (!seat.TryGetName(out string? name, out string error))
        {
            _services.Metrics.AddRejection(Rejection.BadRequest);
            Deny(seat, HocuspocusProtocol.PermissionDenied(seat.Prefix, error));
            return;
        }

        Admission admission = await AdmitAsync(token, name);
        if (!admission.IsGranted)
            _services.Metrics.AddRejection(admission.RefusalCode);
        if (admission.IsGranted)
            await JoinAsync(seat, name, admission);
        else if (CloseCode.IsPermanent(admission.RefusalCode))
            Deny(seat, HocuspocusProtocol.PermissionDenied(seat.Prefix, ReasonOf(admission)));
        else
            _outbox.Close(admission.RefusalCode == CloseCode.TimedOut ? CloseCode.ConnectionTimeout : admission.RefusalCode, ReasonOf(admission));
    }

    private async Task JoinAsync(HocuspocusSeat seat, string name, Admission admission)
    {
        if (!_place.TryAddUser(admission.Identity!.UserId))
        {
            Refuse(CloseCode.TryAgainLater, "You have as many connections as you may have.");
            return;
        }

        var peer = new HocuspocusPeer(_services.Connections.NextId(), seat, _outbox, admission.Identity.UserId)
        {
            Identity = admission.Identity,
            Rights = admission.Rights,
        };
        (Room? room, JoinResult result) = await _services.Rooms.JoinAsync(name, peer, _end.Token);
        if (room is null)
        {
            _services.Metrics.AddRejection(result.Outcome == JoinOutcome.ShuttingDown ? Rejection.Stopping : Rejection.Overloaded);
            if (result.Outcome == JoinOutcome.ShuttingDown)
                _outbox.Close(CloseCode.ServiceRestart, "The server is restarting.");
            else
                Deny(seat, HocuspocusProtocol.PermissionDenied(seat.Prefix, result.Error!));
            return;
        }

        bool tooLate;
        lock (_gate)
        {
            tooLate = _ended;
            seat.IsDenied = peer.IsOver;
            if (!tooLate && !peer.IsOver)
            {
                seat.Peer = peer;
                if (_open++ == 0)
                    _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        if (tooLate)
            await room.PostAsync(new RoomMessage(RoomMessageKind.Leave, peer), CancellationToken.None);
    }

    // A second token for an open document: later expiry, other rights, or somebody else.
    private async Task RenewAsync(HocuspocusSeat seat, HocuspocusPeer peer, string token)
    {
        Admission admission = await AdmitAsync(token, peer.Room!.Name);
        if (!admission.IsGranted)
        {
            if (!CloseCode.IsPermanent(admission.RefusalCode))
                return; // nothing is known against the client; the old proof holds as long as it did
            _services.Metrics.AddRejection(admission.RefusalCode);
            await LeaveAsync(peer);
            Deny(seat, seat.Farewell(ReasonOf(admission)));
        }
        else if (!string.Equals(admission.Identity.UserId, peer.Principal, StringComparison.Ordinal))
        {
            await LeaveAsync(peer);
            await JoinAsync(seat, peer.Room!.Name, admission);
        }
        else
        {
            var rights = new NewRights(admission.Identity, admission.Rights, ReplacesIdentity: true);
            await PostAsync(new RoomMessage(RoomMessageKind.Rights, peer, Reply: rights));
        }
    }

    private async ValueTask<Admission> AdmitAsync(string? token, string name)
    {
        // Providers always send a token, if only an empty one; then what the request itself brought counts.
        AuthResult caller = string.IsNullOrEmpty(token)
            ? await _services.Authentication.OfAsync(_context)
            : await _services.Authentication.AuthenticateAsync(token, _context);
        return await _services.Gatekeeper.AdmitAsync(caller, name, _end.Token);
    }

    private static string ReasonOf(Admission refusal) => refusal.RefusalCode == CloseCode.Forbidden ? Denied : refusal.RefusalReason!;

    private async ValueTask LeaveAsync(HocuspocusPeer peer)
    {
        lock (_gate)
            Vacate(peer);
        await peer.Room!.PostAsync(new RoomMessage(RoomMessageKind.Leave, peer), CancellationToken.None);
    }

    private void Deny(HocuspocusSeat seat, byte[] message)
    {
        lock (_gate)
            seat.IsDenied = true;
        Send(message);
    }

    private void Send(byte[] message) => _outbox.TryEnqueue(message, owner: null, _outbox.LastEnqueued);

    private HocuspocusPeer? PeerOf(HocuspocusSeat seat)
    {
        lock (_gate)
            return seat.Peer;
    }

    [LoggerMessage(EventIds.StatelessHandlerFailed, LogLevel.Error, "The application failed to handle a stateless message in {Document}.")]
    private partial void LogHandlerFailed(Exception exception, LogText document);
}
