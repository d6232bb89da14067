using System.Net;
using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Load;

/// <summary>A client of one document in either protocol: it greets as the published providers do, types, and checks what it hears.</summary>
internal sealed class Peer : Connection
{
    /// <summary>Index of a peer that never types.</summary>
    public const int Observer = -1;

    private const string ProviderVersion = "4.7.0";
    private static readonly TypedRanges Ranges = new();

    private readonly Room _room;
    private readonly Dialect _dialect;
    private readonly byte[] _prefix; // the address that Hocuspocus wants in front of everything
    private readonly uint[] _seen;
    private bool _gotStep2;
    private int _answers;
    private byte[] _message = new byte[256];

    public Peer(EventLoop loop, IPEndPoint server, string target, Dialect dialect, Room room, int index)
        : base(loop, server, target)
    {
        _room = room;
        _dialect = dialect;
        _prefix = dialect == Dialect.Hocuspocus ? [(byte)room.Name.Length, .. Encoding.ASCII.GetBytes(room.Name)] : [];
        _seen = new uint[room.Size];
        Index = index;
    }

    public int Index { get; }

    /// <summary>The handshake is over in both directions: both state vectors answered.</summary>
    public bool IsReady { get; private set; }

    /// <summary>When the last piece of the document arrived: its step 2, parts before it, updates after it.</summary>
    public long LastPieceAt { get; private set; }

    /// <summary>Bytes of all those pieces.</summary>
    public long DocumentBytes { get; private set; }

    /// <summary>Set by whoever wants to look at those pieces afterwards.</summary>
    public List<byte[]>? Pieces { get; set; }

    /// <summary>The server's question: what it has (CoEdit: what is durable).</summary>
    public StateVector? ServerHas { get; private set; }

    /// <summary>Letters of this peer that the server has acknowledged, if it does such a thing.</summary>
    public uint Acknowledged { get; private set; }

    /// <summary>True once anything was acknowledged, be it the handshake.</summary>
    public bool IsAcknowledging { get; private set; }

    /// <summary>The newest letter known of each client of the room.</summary>
    public ReadOnlySpan<uint> Seen => _seen;

    public bool IsComplete => _room.IsComplete(_seen, Index);

    /// <summary>Types one letter.</summary>
    public void Type()
    {
        Span<byte> update = stackalloc byte[Keystroke.MaxBytes];
        ulong client = _room.ClientOf(Index);
        int length = Keystroke.Put(update, client, _room.Stamp(Index));
        SendMessage([MessageType.Sync, MessageType.Update], update[..length]);
    }

    /// <summary>Moves the cursor.</summary>
    public void MoveCursor()
    {
        Span<byte> update = stackalloc byte[Presence.MaxBytes + 32];
        // Clock 0 was the greeting.
        int length = Presence.Put(update, _room.ClientOf(Index), _room.Stamp(Index) + 1);
        SendMessage([MessageType.Awareness], update[..length]);
    }

    /// <summary>Sends any update, which is not counted.</summary>
    public void SendUpdate(ReadOnlySpan<byte> update) => SendMessage([MessageType.Sync, MessageType.Update], update);

    protected override void OnOpen()
    {
        if (_dialect == Dialect.Broadcast)
        {
            IsReady = true;
            return;
        }

        if (_dialect == Dialect.Hocuspocus)
        {
            // A token, which is empty, and the version of the provider.
            Send([.. _prefix, MessageType.Auth, 0, 0, (byte)ProviderVersion.Length, .. Encoding.ASCII.GetBytes(ProviderVersion)]);
        }

        SendMessage([MessageType.Sync, MessageType.Step1], [0]);
        if (Index != Observer)
        {
            Span<byte> greeting = stackalloc byte[16];
            greeting[0] = 1;
            int at = 1 + Lib0Writer.PutVarUInt(greeting[1..], _room.ClientOf(Index));
            greeting[at++] = 0;
            greeting[at++] = 2;
            greeting[at++] = (byte)'{';
            greeting[at++] = (byte)'}';
            SendMessage([MessageType.Awareness], greeting[..at]);
        }
    }

    protected override void OnMessage(ReadOnlySpan<byte> message, long now)
    {
        _room.Tally.Frames++;
        if (!message.StartsWith(_prefix))
            throw new WrongResultException($"a message for another document than {_room.Name} arrived.");
        var reader = new Lib0Reader(message[_prefix.Length..]);
        switch (reader.ReadByte())
        {
            case MessageType.Sync:
                OnSync(ref reader, now);
                break;
            case MessageType.Awareness:
                OnAwareness(reader.ReadVarBytes(), now);
                break;
            case MessageType.Auth when reader.ReadByte() == MessageType.PermissionDenied:
                throw new WrongResultException($"the server denies access to {_room.Name}.");
            case MessageType.SyncStatus when _dialect == Dialect.Hocuspocus:
                if (reader.ReadByte() != 1)
                    throw new WrongResultException("the server refuses an update.");
                // The first one is for the answer to the server's step 1.
                if (IsAcknowledging)
                    Acknowledged++;
                IsAcknowledging = true;
                break;
            case MessageType.Acknowledgement when _dialect == Dialect.YWebSocket:
                uint count = (uint)reader.ReadVarUInt();
                if (reader.ReadVarUInt() != 0)
                    throw new WrongResultException("the server refuses an update.");
                IsAcknowledging = true;
                Acknowledged = (uint)Math.Max(Acknowledged, (long)count - _answers);
                break;
        }
    }

    private void OnSync(ref Lib0Reader reader, long now)
    {
        byte step = reader.ReadByte();
        ReadOnlySpan<byte> body = reader.ReadVarBytes();
        if (step == MessageType.Step1)
        {
            ServerHas = StateVector.Decode(body);
            _answers++;
            SendMessage([MessageType.Sync, MessageType.Step2], [0, 0]);
        }
        else
        {
            _gotStep2 |= step == MessageType.Step2;
            LastPieceAt = now;
            DocumentBytes += body.Length;
            Pieces?.Add(body.ToArray());
            if (_room.Size > 0)
            {
                foreach (ClockRange range in Ranges.Read(body))
                    OnTyped(range, now);
            }
        }

        IsReady = _gotStep2 && _answers > 0;
    }

    private void OnTyped(ClockRange range, long now)
    {
        int sender = _room.SenderOf(range.Client);
        uint seen = _seen[sender];
        if (sender == Index || range.End <= seen)
            return;
        if (range.Start > seen)
            throw new WrongResultException($"room {_room.Name}: letters {seen} to {range.Start} of peer {sender} did not reach peer {Index}.");
        _seen[sender] = range.End;
        if (Index == Observer)
            return;
        uint count = range.End - seen;
        _room.Tally.Delivered += count;
        bool isNeighbour = (sender + 1) % _room.Size == Index;
        if (_room.Tally.ClosedLoop && !isNeighbour)
            return;
        for (uint clock = seen; clock < range.End; clock++)
            _room.RecordLatency(sender, clock, now);
        if (_room.Tally.ClosedLoop)
        {
            for (; count > 0; count--)
                _room.Peers[sender].Type();
        }
    }

    private void OnAwareness(ReadOnlySpan<byte> update, long now)
    {
        if (_room.Size == 0 || Index == Observer)
            return;
        var reader = new Lib0Reader(update);
        for (ulong entries = reader.ReadVarUInt(); entries > 0; entries--)
        {
            (ulong client, uint clock, bool isRemoval) = Presence.ReadEntry(ref reader);
            int sender = _room.SenderOf(client);
            if (isRemoval && sender == Index)
                MoveCursor(); // a live client that hears of its own removal announces itself again
            if (isRemoval || sender == Index || clock <= _seen[sender])
                continue;
            _room.Tally.Delivered++;
            _room.Tally.Superseded += clock - _seen[sender] - 1;
            _seen[sender] = clock;
            _room.RecordLatency(sender, clock - 1, now);
        }
    }

    /// <summary>Sends address, type and the body with its length.</summary>
    private void SendMessage(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        int needed = _prefix.Length + type.Length + 9 + body.Length;
        if (_message.Length < needed)
            _message = new byte[needed];
        Span<byte> message = _message;
        _prefix.CopyTo(message);
        int at = _prefix.Length;
        type.CopyTo(message[at..]);
        at += type.Length;
        at += Lib0Writer.PutVarUInt(message[at..], (ulong)body.Length);
        body.CopyTo(message[at..]);
        Send(message[..(at + body.Length)]);
    }
}
