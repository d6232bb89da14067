using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CoEdit.Load;

/// <summary>One started server: a child of ours with a port and a data folder, killed and cleaned up when disposed.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int KeptLines = 20;
    private const double ClockTicksPerSecond = 100; // USER_HZ, which is 100 for every program on Linux
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly Queue<string> _lastLines = new();
    private readonly DirectoryInfo? _data;
    private Process? _process;

    private ServerProcess(ServerKind kind, IPEndPoint address, DirectoryInfo? data)
    {
        Kind = kind;
        Address = address;
        _data = data;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public ServerKind Kind { get; }

    public IPEndPoint Address { get; }

    /// <summary>Processor time used so far, by all threads; null when the process is not ours.</summary>
    public TimeSpan? ProcessorTime
    {
        get
        {
            if (_process is null)
                return null;
            // The name of the command, in parentheses, may contain blanks; utime and stime are fields 14 and 15.
            string stat = File.ReadAllText($"/proc/{Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            double ticks = double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / ClockTicksPerSecond);
        }
    }

    /// <summary>Resident bytes; null when the process is not ours.</summary>
    public long? ResidentBytes
    {
        get
        {
            if (_process is null)
                return null;
            string line = File.ReadLines($"/proc/{Id}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
    }

    private int Id => _process?.Id ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>Starts a server with an empty data folder.</summary>
    public static ServerProcess Start(ServerKind kind)
    {
        var server = new ServerProcess(kind, new IPEndPoint(IPAddress.Loopback, FreePort()), Directory.CreateTempSubdirectory("coedit-load-"));
        try
        {
            server.Launch();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>A server that runs already and is not ours to stop or to look into.</summary>
    public static ServerProcess Attach(ServerKind kind, IPEndPoint address) => new(kind, address, data: null);

    /// <summary>Starts it again with the same data and port, after <see cref="Stop"/> or <see cref="Kill"/>.</summary>
    public void Launch()
    {
        ProcessStartInfo start = Processors.OnServerCore(Kind.Command(Address.Port, _data!.FullName));
        start.WorkingDirectory = _data.FullName;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["NODE_ENV"] = "production";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long deadline = EventLoop.Now + EventLoop.Ticks(StartPatience);
        while (!Answers())
        {
            if (_process.HasExited || EventLoop.Now > deadline)
                throw new WrongResultException($"{Kind.Name} does not start. {Output}");
            Thread.Sleep(20);
        }
    }

    /// <summary>Asks it to stop and waits.</summary>
    public void Stop()
    {
        _ = Linux.Kill(Id, Linux.SignalTerminate);
        if (!_process!.WaitForExit(StopPatience))
            throw new WrongResultException($"{Kind.Name} does not stop. {Output}");
        Forget();
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _ = Linux.Kill(Id, Linux.SignalKill);
        _process.WaitForExit();
        Forget();
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Kill();
        _data?.Delete(recursive: true);
    }

    /// <summary>What it printed last, for messages about its failure.</summary>
    public string Output
    {
        get
        {
            lock (_lastLines)
                return string.Join('\n', _lastLines);
        }
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private bool Answers()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(Address);
            return true;
        }
        catch (SocketException)
        {
            return false; // not listening yet
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > KeptLines)
                _lastLines.Dequeue();
        }
    }

    private void Forget()
    {
        _process!.Dispose();
        _process = null;
    }

    // Ctrl+C, SIGTERM or an unhandled exception: no server stays behind.
    private void OnExit(object? sender, EventArgs e) => Kill();
}
