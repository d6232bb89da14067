namespace CoEdit.Server;

/// <summary>Sums over sockets: whole messages and their bytes, without framing.</summary>
internal readonly record struct TrafficTotals(long MessagesReceived, long BytesReceived, long MessagesSent, long BytesSent)
{
    public static TrafficTotals operator +(TrafficTotals left, TrafficTotals right) => new(
        left.MessagesReceived + right.MessagesReceived,
        left.BytesReceived + right.BytesReceived,
        left.MessagesSent + right.MessagesSent,
        left.BytesSent + right.BytesSent);
}

/// <summary>What went over one socket. Each direction is written by one loop only and read by anybody.</summary>
internal sealed class SocketTraffic
{
    private long _messagesReceived;
    private long _bytesReceived;
    private long _messagesSent;
    private long _bytesSent;

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public TrafficTotals Totals => new(
        Volatile.Read(ref _messagesReceived), Volatile.Read(ref _bytesReceived), Volatile.Read(ref _messagesSent), Volatile.Read(ref _bytesSent));

    /// <summary>Receive loop: a piece of a message has come in.</summary>
    public void Receive(int bytes, bool endsMessage)
    {
        Volatile.Write(ref _bytesReceived, _bytesReceived + bytes);
        if (endsMessage)
            Volatile.Write(ref _messagesReceived, _messagesReceived + 1);
    }

    /// <summary>Send loop: a whole message was handed to the socket.</summary>
    public void Send(int bytes)
    {
        Volatile.Write(ref _bytesSent, _bytesSent + bytes);
        Volatile.Write(ref _messagesSent, _messagesSent + 1);
    }
}
