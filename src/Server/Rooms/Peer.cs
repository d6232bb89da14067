using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>One client of one document as the room sees it: where its frames go, what it may do, and what it is owed.</summary>
/// <remarks>
/// A y-websocket socket is one peer; a Hocuspocus socket is one peer per address. Rooms think in y-websocket frames; a peer puts them into
/// the form that its protocol wants. Everything but <see cref="Outbox"/>, <see cref="Id"/>, <see cref="Principal"/> and <see cref="Room"/> is
/// touched only by the loop of its room.
/// </remarks>
internal abstract class Peer(long id, Outbox outbox, string? principal)
{
    /// <summary>Number of this peer, unique in the process.</summary>
    public long Id { get; } = id;

    /// <summary>The queue to the peer's socket, which other peers may share.</summary>
    public Outbox Outbox { get; } = outbox;

    /// <summary>Who was let in; null when everybody is.</summary>
    public string? Principal { get; } = principal;

    /// <summary>What the peer speaks, as operators know it.</summary>
    public abstract string Protocol { get; }

    /// <summary>When the room let the peer in.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>The room that let the peer in; set once, before the peer is told.</summary>
    public Room? Room { get; set; }

    /// <summary>What the peer may do; its room changes it when rights are checked again.</summary>
    public DocumentRights Rights { get; set; } = DocumentRights.Write;

    /// <summary>On whose account it is here and until when; null: nobody looks again.</summary>
    public PeerIdentity? Identity { get; set; }

    /// <summary>The end of the proof for which a new one was asked; null while none was.</summary>
    public DateTimeOffset? AskedForTokenBefore { get; set; }

    /// <summary>This peer's share of the presence table, while it is in the room.</summary>
    public AwarenessPeer? Awareness { get; set; }

    /// <summary>Set while the peer lags: its queue was dropped and one diff is owed when it drains.</summary>
    public ResyncDebt? Debt { get; set; }

    /// <summary>Clients whose presence the peer is told of when it has caught up; null when it does not lag.</summary>
    public HashSet<ulong>? LatePresence { get; set; }

    /// <summary>When the peer was last asked to send everything again, in monotonic milliseconds.</summary>
    public long? AskedAgainAt { get; set; }

    /// <summary>True when acknowledgements wait for <see cref="SendAcknowledgements"/>.</summary>
    public bool HasAcknowledgements { get; protected set; }

    /// <summary>True when the room sends its question (step 1) at once, false when it is the answer to the peer's own.</summary>
    public abstract bool IsAskedOnJoin { get; }

    /// <summary>How many bytes of a wire frame come before the y-websocket frame.</summary>
    public abstract int PrefixLength { get; }

    /// <summary>The bytes that carry a y-websocket frame to this peer.</summary>
    public abstract byte[] ToWire(byte[] frame);

    /// <summary>True when <see cref="ToWire"/> gives the same bytes for both peers, so that one copy does for both.</summary>
    public abstract bool SharesWireWith(Peer other);

    /// <summary>Says the first word to a peer that was let in, before any frame. <paramref name="epoch"/>: which life of the document this is.</summary>
    public abstract void Greet(string epoch, long nowMs);

    /// <summary>Takes note that a question of ours (step 1) is on its way. <paramref name="solicited"/>: it belongs to the peer's own.</summary>
    public abstract void OnAsked(bool solicited);

    /// <summary>Counts a write (step 2 or update) that has come in. The number to acknowledge it by, or 0 when it wants none.</summary>
    public abstract long CountWrite(FrameKind kind);

    /// <summary>Takes note that a write is on disk. <see cref="SendAcknowledgements"/> tells the peer.</summary>
    public abstract void Acknowledge(long write);

    /// <summary>Sends what <see cref="Acknowledge"/> has collected.</summary>
    public abstract void SendAcknowledgements(long nowMs);

    /// <summary>Tells the peer that a write was refused, as far as its protocol can say so.</summary>
    public abstract void RefuseWrite(long write, string reason, long nowMs);

    /// <summary>True when a reader's write of this kind is well if it repeats what is known; otherwise it is refused whatever it holds.</summary>
    public virtual bool MayRepeat(FrameKind kind) => true;

    /// <summary>True when the peer understands stateless messages, <c>05 str</c> (Hocuspocus).</summary>
    public virtual bool TakesStateless => false;

    /// <summary>Sends something that shows the peer that the server is there; its protocol decides what.</summary>
    public abstract void KeepAlive(long nowMs);

    /// <summary>Tells the peer what it may do from now on, as far as its protocol can say so.</summary>
    public virtual void TellRights(long nowMs)
    {
    }

    /// <summary>Asks the peer to prove anew who it is, if its protocol has a word for that.</summary>
    public virtual void AskForToken(long nowMs)
    {
    }

    /// <summary>Tells the peer that what it writes is not kept, as far as its protocol has a word for that.</summary>
    public virtual void TellReadOnly(string reason, long nowMs)
    {
    }

    /// <summary>Ends the peer's part in this document, after what is queued. The room has let go of the peer, or does so when it leaves.</summary>
    public abstract void Close(int code, string reason);
}
