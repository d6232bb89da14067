namespace CoEdit.Load;

/// <summary>One document of the run: who types into it, how much, and when each letter was typed.</summary>
internal sealed class Room(int number, string name, int size, Tally tally)
{
    private const int MaxSize = 1024;
    private const int StampsPerSender = 1 << 10;
    private const ulong FirstClient = 0x4000_0000; // ids of five bytes, as most real ones

    private readonly ulong _firstClient = FirstClient + ((ulong)number * MaxSize);
    private readonly long[] _stamps = new long[size * StampsPerSender];

    public string Name { get; } = name;

    public int Size { get; } = size;

    public Tally Tally { get; } = tally;

    public Peer[] Peers { get; } = new Peer[size];

    /// <summary>Letters typed (or cursors moved) so far by each peer.</summary>
    public uint[] Sent { get; } = new uint[size];

    public ulong ClientOf(int sender) => _firstClient + (ulong)sender;

    /// <summary>Which peer a client id belongs to.</summary>
    /// <exception cref="WrongResultException">To none of this room: the server mixes up documents.</exception>
    public int SenderOf(ulong client)
    {
        ulong sender = client - _firstClient;
        return sender < (ulong)Size ? (int)sender : throw new WrongResultException($"client {client:x} does not belong to room {Name}.");
    }

    /// <summary>Counts one more for <paramref name="sender"/> and remembers when; returns its number.</summary>
    public uint Stamp(int sender)
    {
        uint clock = Sent[sender]++;
        _stamps[(sender * StampsPerSender) + (clock & (StampsPerSender - 1))] = EventLoop.Now;
        Tally.Sent++;
        return clock;
    }

    /// <summary>Records how long number <paramref name="clock"/> of <paramref name="sender"/> was on its way, unless that is forgotten.</summary>
    public void RecordLatency(int sender, uint clock, long now)
    {
        if (Tally.Measuring && Sent[sender] - clock <= StampsPerSender)
            Tally.Latency.Record(now - _stamps[(sender * StampsPerSender) + (clock & (StampsPerSender - 1))]);
    }

    /// <summary>True when <paramref name="seen"/> is everything that was sent; a peer knows its own without hearing it.</summary>
    public bool IsComplete(ReadOnlySpan<uint> seen, int except)
    {
        for (int sender = 0; sender < Size; sender++)
        {
            if (sender != except && seen[sender] != Sent[sender])
                return false;
        }

        return true;
    }
}
