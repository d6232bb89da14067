using System.Diagnostics.CodeAnalysis;
using System.Text;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>The bounded queue of frames to one socket: rooms fill it, the socket's send loop empties it.</summary>
/// <remarks>
/// <para>
/// Frames are shared between all peers that get them and must never change once enqueued. Any thread may enqueue or close; only the send
/// loop takes. Full means full: <see cref="TryEnqueue"/> returns false and keeps nothing, the room then calls <see cref="DropAll"/> and owes
/// that peer one diff. A single frame larger than the bound passes when nothing else is waiting.
/// </para>
/// <para>
/// A socket may carry several documents (Hocuspocus), so every frame has an owner: a room drops what is its peer's, never another's.
/// Frames without an owner concern the socket itself (acknowledgements, refusals) and are never dropped; a client that lets too many of
/// them pile up is closed. So what waits for one socket is bounded: its peers' frames, its own, and one part of a first synchronisation.
/// </para>
/// </remarks>
internal sealed class Outbox(int maxBytes, int maxFrames)
{
    /// <summary>A message without content, which every y-websocket client accepts and counts as a sign of life.</summary>
    internal static readonly byte[] KeepAlive = SyncProtocol.KeepAlive.ToArray();

    /// <summary>Frames that concern the socket are small: so many times more of them may wait.</summary>
    private const int ControlFactor = 16;

    // Owner of a part of a first synchronisation: never dropped, and never more than one, for it is sent when the outbox is empty.
    private static readonly object PartOwner = new();

    private readonly Lock _gate = new();
    private readonly Queue<Entry> _frames = new();
    private readonly Queue<Peer> _owedDrains = new(0);
    private readonly AsyncSignal _signal = new();
    private int _bytes;
    private int _controlFrames;
    private int _controlBytes;
    private bool _idle;            // the send loop found nothing to do and needs to be woken
    private bool _drainReported;   // a room was told and has not yet sent what it owed
    private Entry _promised;       // the send loop was told that this one follows and holds bytes back for it
    private OutboxClose? _close;

    /// <summary>What the send loop has to do next.</summary>
    internal enum Work
    {
        Nothing,
        Frame,
        Drained,
        Close,
    }

    /// <summary>When a frame was last enqueued, in monotonic milliseconds; decides about keep-alive frames.</summary>
    public long LastEnqueued { get; private set; }

    /// <summary>True when a frame is waiting.</summary>
    public bool HasWork
    {
        get
        {
            lock (_gate)
                return _frames.Count > 0;
        }
    }

    /// <summary>What the socket has carried.</summary>
    public SocketTraffic Traffic { get; } = new();

    public bool IsClosing => Volatile.Read(ref _close) is not null;

    /// <summary>Queues a frame for <paramref name="owner"/>. False: the queue is full and the frame was not taken.</summary>
    /// <param name="frame">The frame; it must never change from now on.</param>
    /// <param name="owner">Whose frame it is; null for one that concerns the socket.</param>
    /// <param name="nowMs">The current time.</param>
    /// <param name="maxWaiting">Take it only if fewer frames than this are waiting.</param>
    public bool TryEnqueue(byte[] frame, Peer? owner, long nowMs, int maxWaiting = int.MaxValue)
    {
        bool wake;
        lock (_gate)
        {
            if (_close is not null)
                return true; // the socket is on its way out: nothing is owed to it any more
            if (owner is null)
                AddControl(frame, nowMs);
            else if (_frames.Count > 0 && (_frames.Count >= Math.Min(maxFrames, maxWaiting) || _bytes + frame.Length > maxBytes))
                return false;
            else
                Add(frame, owner, nowMs);
            wake = _idle;
            _idle = false;
        }

        if (wake)
            _signal.Set();
        return true;
    }

    /// <summary>Queues a part of what a peer is owed, after <see cref="Work.Drained"/>; it is never dropped.</summary>
    public void EnqueuePart(byte[] part, long nowMs)
    {
        lock (_gate)
        {
            if (_close is not null)
                return;
            Add(part, PartOwner, nowMs);
        }

        _signal.Set();
    }

    /// <summary>
    /// Takes all frames of <paramref name="owner"/> out of the queue and returns them. The send loop reports <see cref="Work.Drained"/> for
    /// that peer once the socket has nothing left to send.
    /// </summary>
    public List<byte[]> DropAll(Peer owner)
    {
        lock (_gate)
        {
            var dropped = new List<byte[]>(_frames.Count);
            bool keepFirst = _promised.Frame is not null;
            for (int i = _frames.Count; i > 0; i--)
            {
                Entry entry = _frames.Dequeue();
                // What the send loop was promised it must get, or the bytes that it holds back for it would wait for ever.
                if (entry.Owner == owner && !keepFirst)
                {
                    dropped.Add(entry.Frame);
                    Forget(entry);
                }
                else
                {
                    _frames.Enqueue(entry);
                }

                keepFirst = false;
            }

            OweDrain(owner);
            _signal.Set();
            return dropped;
        }
    }

    /// <summary>Has the send loop report <see cref="Work.Drained"/> for a peer as soon as there is nothing left to send.</summary>
    public void ReportDrained(Peer owner)
    {
        lock (_gate)
            OweDrain(owner);
        _signal.Set();
    }

    /// <summary>The room has done what <see cref="Work.Drained"/> asked of it, or never will: the next peer's turn.</summary>
    public void EndDrain()
    {
        lock (_gate)
            _drainReported = false;
        _signal.Set();
    }

    /// <summary>Asks the send loop to close the socket after what is queued. The first call wins.</summary>
    public void Close(int code, string reason)
    {
        lock (_gate)
            _close ??= new OutboxClose(code, reason);
        _signal.Set();
    }

    /// <summary>Send loop: waits until there may be work, after <see cref="Work.Nothing"/>.</summary>
    public ValueTask WaitAsync() => _signal.WaitAsync();

    /// <summary>
    /// Send loop: the next piece of work. <paramref name="more"/> promises that another frame follows at once; <paramref name="drained"/> is
    /// the peer that <see cref="Work.Drained"/> is about.
    /// </summary>
    public Work Take([NotNull] out byte[]? frame, out bool more, out Peer? drained, [NotNull] out OutboxClose? close)
    {
        lock (_gate)
        {
            frame = [];
            close = OutboxClose.None;
            drained = null;
            more = false;
            if (_frames.TryDequeue(out Entry next))
            {
                frame = next.Frame;
                Forget(next);
                more = _frames.TryPeek(out _promised);
                return Work.Frame;
            }

            _promised = default;
            if (_close is not null)
            {
                close = _close;
                return Work.Close;
            }

            // One at a time: a socket with many documents would be sent a part of each at once.
            if (_drainReported || !_owedDrains.TryDequeue(out drained))
            {
                _idle = true;
                return Work.Nothing;
            }

            _drainReported = true;
            return Work.Drained;
        }
    }

    private void Add(byte[] frame, object? owner, long nowMs)
    {
        _frames.Enqueue(new Entry(frame, owner));
        _bytes += frame.Length;
        LastEnqueued = nowMs;
    }

    private void AddControl(byte[] frame, long nowMs)
    {
        if (_controlFrames > 0 && (_controlFrames / ControlFactor >= maxFrames || _controlBytes + frame.Length > maxBytes))
        {
            _close = new OutboxClose(CloseCode.TryAgainLater, "You send more than you read the answers to.");
            return;
        }

        Add(frame, owner: null, nowMs);
        _controlFrames++;
        _controlBytes += frame.Length;
    }

    private void Forget(in Entry entry)
    {
        _bytes -= entry.Frame.Length;
        if (entry.Owner is not null)
            return;
        _controlFrames--;
        _controlBytes -= entry.Frame.Length;
    }

    private void OweDrain(Peer owner)
    {
        if (!_owedDrains.Contains(owner))
            _owedDrains.Enqueue(owner);
    }

    private readonly record struct Entry(byte[] Frame, object? Owner);
}

/// <summary>The close frame that ends a socket.</summary>
internal sealed record OutboxClose(int Code, string Reason)
{
    private const int MaxReasonBytes = 123;
    private const string Ellipsis = "...";

    public static OutboxClose None { get; } = new(1000, "");

    /// <summary>The reason as a close frame can carry it: 123 bytes of UTF-8, cut between characters (RFC 6455 §5.5).</summary>
    public string WireReason
    {
        get
        {
            if (Encoding.UTF8.GetByteCount(Reason) <= MaxReasonBytes)
                return Reason;
            int length = 0;
            int bytes = 0;
            foreach (Rune rune in Reason.EnumerateRunes())
            {
                bytes += rune.Utf8SequenceLength;
                if (bytes > MaxReasonBytes - Ellipsis.Length)
                    break;
                length += rune.Utf16SequenceLength;
            }

            return Reason[..length] + Ellipsis;
        }
    }
}
