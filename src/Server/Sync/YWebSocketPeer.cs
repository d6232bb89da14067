using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>A peer on a socket of its own that speaks the y-websocket protocol.</summary>
/// <remarks>Acknowledged: the client asked to be told what is on disk (<c>?ack=1</c>, docs/protocol.md).</remarks>
internal sealed class YWebSocketPeer(long id, Outbox outbox, string? principal, bool acknowledged = false) : Peer(id, outbox, principal)
{
    private long _written;
    private long _durable;
    private bool _toldReadOnly;

    public override string Protocol => "y-websocket";

    public override bool IsAskedOnJoin => true;

    public override int PrefixLength => 0;

    public override byte[] ToWire(byte[] frame) => frame;

    public override bool SharesWireWith(Peer other) => other is YWebSocketPeer;

    public override void Greet(string epoch, long nowMs)
    {
        if (acknowledged)
            Outbox.TryEnqueue(SyncProtocol.Epoch(epoch), owner: null, nowMs);
    }

    public override void OnAsked(bool solicited)
    {
        // Every answer counts: numbers go by what the socket carried.
    }

    public override long CountWrite(FrameKind kind) => acknowledged ? ++_written : 0;

    public override void Acknowledge(long write)
    {
        _durable = write; // commits come in order, and one number stands for all before it
        HasAcknowledgements = true;
    }

    public override void SendAcknowledgements(long nowMs)
    {
        HasAcknowledgements = false;
        Outbox.TryEnqueue(SyncProtocol.Acknowledged((ulong)_durable), owner: null, nowMs);
    }

    public override void RefuseWrite(long write, string reason, long nowMs)
    {
        if (write != 0)
            Outbox.TryEnqueue(SyncProtocol.Refused((ulong)write, reason), owner: null, nowMs);
    }

    public override void KeepAlive(long nowMs) => Outbox.TryEnqueue(Outbox.KeepAlive, this, nowMs);

    public override void TellReadOnly(string reason, long nowMs)
    {
        if (_toldReadOnly)
            return; // once is enough: stock clients write it to their console
        _toldReadOnly = true;
        Outbox.TryEnqueue(SyncProtocol.PermissionDenied(reason), owner: null, nowMs);
    }

    public override void Close(int code, string reason) => Outbox.Close(code, reason);
}
