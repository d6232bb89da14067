using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>A peer that speaks the Hocuspocus protocol: one address of a socket that others share.</summary>
internal sealed class HocuspocusPeer(long id, HocuspocusSeat seat, Outbox outbox, string? principal) : Peer(id, outbox, principal)
{
    private static readonly byte[] Ping = HocuspocusProtocol.Ping.ToArray();

    private readonly byte[] _kept = HocuspocusProtocol.SyncStatus(seat.Prefix, kept: true);
    private readonly byte[] _notKept = HocuspocusProtocol.SyncStatus(seat.Prefix, kept: false);

    // For each question of ours on its way: does the answer get a status? Clients count one for each question they asked themselves.
    private readonly Queue<bool> _questions = new();

    // Writes that have no status yet, oldest first. Statuses are told in the order of their writes.
    private readonly Queue<Write> _writes = new();
    private long _lastWrite;
    private long _durable;

    private enum Fate
    {
        Open,
        NotKept,
    }

    public HocuspocusSeat Seat { get; } = seat;

    /// <summary>The room has ended this peer's part. Guarded by the lock of the connection.</summary>
    public bool IsOver { get; set; }

    public override string Protocol => "hocuspocus";

    public override bool IsAskedOnJoin => false;

    public override int PrefixLength => Seat.Prefix.Length;

    public override bool TakesStateless => true;

    // As the reference server does: a reader's update is refused without a look, an answer to our question is not.
    public override bool MayRepeat(FrameKind kind) => kind == FrameKind.SyncStep2;

    public override byte[] ToWire(byte[] frame) => HocuspocusProtocol.Addressed(Seat.Prefix, frame);

    public override bool SharesWireWith(Peer other) => other is HocuspocusPeer peer && peer.Seat.Prefix.AsSpan().SequenceEqual(Seat.Prefix);

    public override void Greet(string epoch, long nowMs) => TellRights(nowMs);

    public override void TellRights(long nowMs) =>
        Send(HocuspocusProtocol.Authenticated(Seat.Prefix, Rights == DocumentRights.Write), nowMs);

    public override void AskForToken(long nowMs) => Send(HocuspocusProtocol.AskForToken(Seat.Prefix), nowMs);

    public override void OnAsked(bool solicited) => _questions.Enqueue(solicited);

    public override long CountWrite(FrameKind kind)
    {
        if (kind == FrameKind.SyncStep2 && _questions.TryDequeue(out bool solicited) && !solicited)
            return 0;
        _writes.Enqueue(new Write(++_lastWrite, Fate.Open));
        return _lastWrite;
    }

    public override void Acknowledge(long write)
    {
        _durable = write; // commits come in order: all before it that were not refused are durable as well
        HasAcknowledgements = true;
    }

    public override void SendAcknowledgements(long nowMs)
    {
        HasAcknowledgements = false;
        if (Awareness is null)
            return; // left meanwhile; the address may have come back, with a count of its own
        while (_writes.TryPeek(out Write write) && (write.Fate == Fate.NotKept || write.Number <= _durable))
        {
            _writes.Dequeue();
            Send(write.Fate == Fate.NotKept ? _notKept : _kept, nowMs);
        }
    }

    public override void RefuseWrite(long write, string reason, long nowMs)
    {
        for (int i = _writes.Count; i > 0; i--)
        {
            Write entry = _writes.Dequeue();
            _writes.Enqueue(entry.Number == write ? entry with { Fate = Fate.NotKept } : entry);
        }

        SendAcknowledgements(nowMs);
    }

    public override void KeepAlive(long nowMs)
    {
        if (Seat.Provider.KnowsPing)
            Send(Ping, nowMs);
        else
            Outbox.TryEnqueue(ToWire(Outbox.KeepAlive), this, nowMs);
    }

    /// <summary>
    /// What trying again would not change ends this document only. Everything else ends the socket, for no provider comes back to a
    /// single document on its own; a restart does so once all documents are on disk (<see cref="RoomShutdown"/>).
    /// </summary>
    public override void Close(int code, string reason)
    {
        foreach (Write write in _writes)
        {
            if (write.Fate == Fate.NotKept)
                Send(_notKept, Outbox.LastEnqueued);
        }

        _writes.Clear();
        if (CloseCode.IsPermanent(code) || code is CloseCode.ProtocolError or CloseCode.MalformedPayload)
            Outbox.TryEnqueue(Seat.Farewell(reason), owner: null, Outbox.LastEnqueued);
        else if (code != CloseCode.ServiceRestart)
            Outbox.Close(code, reason);
        Seat.OnClosed(this);
    }

    private void Send(byte[] frame, long nowMs) => Outbox.TryEnqueue(frame, owner: null, nowMs);

    private readonly record struct Write(long Number, Fate Fate);
}
