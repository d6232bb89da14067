using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CoEdit.Load;

/// <summary>One thread, one epoll, all connections: nothing of the generator waits for the thread pool.</summary>
/// <remarks>Everything here and in <see cref="Connection"/> is used by one thread only.</remarks>
internal sealed class EventLoop : IDisposable
{
    private const int EventsPerWait = 256;

    private readonly int _epoll;
    private readonly byte[] _events = new byte[EventsPerWait * Linux.EpollEventBytes];
    private readonly List<Connection?> _connections = [];
    private readonly List<Connection> _dirty = [];

    public EventLoop()
    {
        _epoll = Linux.EpollCreate(0);
        if (_epoll < 0)
            throw new IOException($"epoll_create1 failed with {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Every connection reads into this; what is left of a frame moves to a buffer of the connection.</summary>
    public byte[] ReadBuffer { get; } = new byte[256 * 1024];

    public static long Now => Stopwatch.GetTimestamp();

    public static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    public int Add(Connection connection)
    {
        int token = _connections.Count;
        _connections.Add(connection);
        Control(Linux.EpollControlAdd, connection.Descriptor, Linux.EpollIn, token);
        return token;
    }

    public void Remove(Connection connection)
    {
        Control(Linux.EpollControlDelete, connection.Descriptor, 0, connection.Token);
        _connections[connection.Token] = null;
    }

    /// <summary>Asks to be told when the connection takes bytes again, or no more.</summary>
    public void WatchWrites(Connection connection, bool watch) =>
        Control(Linux.EpollControlModify, connection.Descriptor, watch ? Linux.EpollIn | Linux.EpollOut : Linux.EpollIn, connection.Token);

    /// <summary>Remembers that the connection has bytes to write; they go out, joined, at the end of the turn.</summary>
    public void MarkDirty(Connection connection) => _dirty.Add(connection);

    /// <summary>One turn: waits up to <paramref name="timeoutMs"/> for events (0: looks only), handles them, and writes what they caused.</summary>
    public unsafe void Turn(int timeoutMs)
    {
        WriteOut();
        int count;
        fixed (byte* events = _events)
        {
            count = Linux.EpollWait(_epoll, events, EventsPerWait, timeoutMs);
        }

        if (count < 0 && Marshal.GetLastPInvokeError() != Linux.ErrorInterrupted)
            throw new IOException($"epoll_wait failed with {Marshal.GetLastPInvokeError()}.");
        for (int i = 0; i < count; i++)
        {
            Span<byte> occurred = _events.AsSpan(i * Linux.EpollEventBytes, Linux.EpollEventBytes);
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(occurred);
            int token = (int)BinaryPrimitives.ReadInt64LittleEndian(occurred[Linux.EpollDataOffset..]);
            if ((flags & Linux.EpollOut) != 0)
                _connections[token]?.OnWritable();
            if ((flags & ~Linux.EpollOut) != 0)
                _connections[token]?.OnReadable();
        }

        WriteOut();
    }

    /// <summary>Turns until <paramref name="done"/>; false when that took longer than <paramref name="patience"/>.</summary>
    public bool RunUntil(Func<bool> done, TimeSpan patience)
    {
        long deadline = Now + Ticks(patience);
        while (!done())
        {
            if (Now > deadline)
                return false;
            Turn(timeoutMs: 1);
        }

        return true;
    }

    /// <summary>Turns for that long, whatever happens.</summary>
    public void RunFor(TimeSpan time)
    {
        long deadline = Now + Ticks(time);
        while (Now < deadline)
            Turn(timeoutMs: 1);
    }

    /// <summary>Closes every connection. Resets them: thousands of sockets in TIME_WAIT would use up the ports.</summary>
    public void CloseAll()
    {
        for (int token = 0; token < _connections.Count; token++)
            _connections[token]?.Dispose(); // which removes it from the list
        _dirty.Clear();
    }

    public void Dispose()
    {
        CloseAll();
        _ = Linux.Close(_epoll);
    }

    private void WriteOut()
    {
        foreach (Connection connection in _dirty)
            connection.Flush();
        _dirty.Clear();
    }

    private unsafe void Control(int operation, int descriptor, uint flags, int token)
    {
        Span<byte> wanted = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, flags);
        BinaryPrimitives.WriteInt64LittleEndian(wanted[Linux.EpollDataOffset..], token);
        fixed (byte* epollEvent = wanted)
        {
            if (Linux.EpollControl(_epoll, operation, descriptor, epollEvent) < 0)
                throw new IOException($"epoll_ctl failed with {Marshal.GetLastPInvokeError()}.");
        }
    }
}
