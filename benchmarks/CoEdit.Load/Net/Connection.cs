using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CoEdit.Load;

/// <summary>A WebSocket client over a non-blocking socket, made to cost next to nothing: no allocation and no copy per received frame.</summary>
/// <remarks>
/// It understands what the measured servers send: unfragmented binary frames, ping and close. Anything else is a failure of the run.
/// The masking key is constant, which RFC 6455 forbids to real clients: an unpredictable one protects proxies, and there is none on loopback.
/// </remarks>
internal abstract class Connection : IDisposable
{
    private const uint MaskKey = 0xA1B2C3D4;
    private const int MaxHeaderBytes = 14;
    private const int MaxFrameBytes = 64 * 1024 * 1024;

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    private readonly EventLoop _loop;
    private readonly Socket _socket;
    private readonly FrameAssembly _assembly = new();
    private byte[] _output = [];
    private int _outputStart;
    private int _outputEnd;
    private bool _dirty;
    private bool _blocked;
    private bool _upgraded;

    /// <summary>Connects (on loopback that takes microseconds, so it may block) and asks for the upgrade.</summary>
    protected Connection(EventLoop loop, IPEndPoint server, string target)
    {
        _loop = loop;
        _socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        _socket.Connect(server);
        _socket.Blocking = false;
        Descriptor = (int)_socket.Handle;
        Token = loop.Add(this);
        Write(Encoding.ASCII.GetBytes(
            $"GET {target} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Q29FZGl0LkxvYWQgdGVzdA==\r\n\r\n"));
    }

    public int Descriptor { get; }

    public int Token { get; }

    /// <summary>Why the connection ended; null while it is open.</summary>
    public string? Ended { get; private set; }

    /// <summary>Frames received, control frames not counted.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>Queues one binary message; it is written, joined with others, at the end of the turn.</summary>
    public void Send(ReadOnlySpan<byte> message) => SendFrame(0x82, message);

    public void Flush()
    {
        _dirty = false;
        if (_blocked || Ended is not null)
            return;
        while (_outputStart < _outputEnd)
        {
            int sent = _socket.Send(_output.AsSpan(_outputStart, _outputEnd - _outputStart), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                _blocked = true;
                _loop.WatchWrites(this, true);
                return;
            }

            if (error != SocketError.Success)
            {
                End($"sending failed: {error}");
                return;
            }

            _outputStart += sent;
        }

        _outputStart = _outputEnd = 0;
    }

    public void OnWritable()
    {
        if (!_blocked)
            return;
        _blocked = false;
        _loop.WatchWrites(this, false);
        Flush();
    }

    public void OnReadable()
    {
        if (Ended is not null)
            return;
        Span<byte> into = _assembly.IsEmpty ? _loop.ReadBuffer : _assembly.Missing;
        int count = _socket.Receive(into, SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success || count == 0)
        {
            End(error == SocketError.Success ? "the server closed the connection" : $"receiving failed: {error}");
            return;
        }

        long now = EventLoop.Now;
        if (_assembly.IsEmpty)
        {
            ReadAll(_loop.ReadBuffer.AsSpan(0, count), now);
        }
        else if (_assembly.Add(count))
        {
            // The buffer of a broken frame holds that frame alone, or the beginning of it: handle it and start over.
            byte[] held = _assembly.Take(out int length);
            ReadAll(held.AsSpan(0, length), now);
        }
    }

    /// <summary>Resets the connection.</summary>
    public void Dispose()
    {
        if (Ended is null)
            End("closed by the generator");
        GC.SuppressFinalize(this);
    }

    protected abstract void OnOpen();

    /// <param name="message">Payload of one binary frame; valid during the call only.</param>
    /// <param name="now">When it was read from the socket.</param>
    protected abstract void OnMessage(ReadOnlySpan<byte> message, long now);

    private void ReadAll(ReadOnlySpan<byte> data, long now)
    {
        while (!data.IsEmpty && Ended is null)
        {
            int used = _upgraded ? ReadFrame(data, now, out int wanted) : ReadResponse(data, out wanted);
            if (used == 0)
            {
                _assembly.Start(data, wanted);
                return;
            }

            data = data[used..];
        }
    }

    private int ReadResponse(ReadOnlySpan<byte> data, out int wanted)
    {
        wanted = data.Length + 1;
        int end = data.IndexOf(EndOfHead);
        if (end < 0)
            return 0;
        if (!data.StartsWith("HTTP/1.1 101 "u8))
        {
            End("the server refused the upgrade: " + Encoding.ASCII.GetString(data[..data.IndexOf((byte)'\r')]));
            return data.Length;
        }

        _upgraded = true;
        OnOpen();
        return end + EndOfHead.Length;
    }

    private int ReadFrame(ReadOnlySpan<byte> data, long now, out int wanted)
    {
        wanted = 2;
        if (data.Length < 2)
            return 0;
        int header = 2;
        long length = data[1];
        if (length >= 126)
        {
            header = length == 126 ? 4 : 10;
            wanted = header;
            if (length > 127)
                throw new WrongResultException("the server sent a masked frame.");
            if (data.Length < header)
                return 0;
            length = 0;
            foreach (byte part in data[2..header])
                length = (length << 8) | part;
            if (length is < 0 or > MaxFrameBytes)
                throw new WrongResultException($"the server sent a frame of {length} bytes.");
        }

        wanted = header + (int)length;
        if (data.Length < wanted)
            return 0;
        ReadOnlySpan<byte> payload = data[header..wanted];
        switch (data[0])
        {
            case 0x82:
                FramesReceived++;
                OnMessage(payload, now);
                break;
            case 0x89:
                SendFrame(0x8A, payload);
                break;
            case 0x8A:
                break;
            case 0x88:
                int code = payload.Length < 2 ? 1005 : (payload[0] << 8) | payload[1];
                End($"the server closed with {code} {Encoding.UTF8.GetString(payload.Length < 2 ? [] : payload[2..])}");
                break;
            default:
                throw new WrongResultException($"the server sent a frame that starts with {data[0]:x2}.");
        }

        return wanted;
    }

    private void SendFrame(byte firstByte, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = Reserve(payload.Length + MaxHeaderBytes);
        int header = Frames.PutHeader(frame, firstByte, payload.Length, masked: true);
        Frames.PutMasked(frame[header..], payload, MaskKey);
        Commit(header + 4 + payload.Length);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Commit(bytes.Length);
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_outputEnd + bytes > _output.Length)
            Array.Resize(ref _output, Math.Max(1024, Math.Max(_output.Length * 2, _outputEnd + bytes)));
        return _output.AsSpan(_outputEnd);
    }

    private void Commit(int bytes)
    {
        _outputEnd += bytes;
        if (_dirty)
            return;
        _dirty = true;
        _loop.MarkDirty(this);
    }

    private void End(string reason)
    {
        Ended = reason;
        _loop.Remove(this);
        _socket.Dispose();
    }
}
