using System.Runtime.InteropServices;

namespace CoEdit.Server;

/// <summary>Sees to it that the program ends: at once on a second signal, and within ten seconds of the first whatever hangs.</summary>
internal sealed class ProgramEnd : IDisposable
{
    /// <summary>The exit code of a stop that ran out of time: something may be uncommitted, though nothing that was acknowledged.</summary>
    private const int TimedOutCode = 1;

    /// <summary>Added to the number of a signal that killed a program, by convention of shells.</summary>
    private const int SignalCodeBase = 128;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    /// <summary>For requests in hand and services; rooms and sockets take less (<see cref="RoomShutdown"/>).</summary>
    private static readonly TimeSpan HostPatience = TimeSpan.FromSeconds(8.5);
    private static readonly TimeSpan ProgramPatience = TimeSpan.FromSeconds(9.5);

    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private readonly CancellationTokenRegistration _stopping;
    private Timer? _deadline;
    private int _signals;

    public ProgramEnd(IHostApplicationLifetime lifetime)
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => OnSignal(Terminate));
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => OnSignal(Interrupt));
        _stopping = lifetime.ApplicationStopping.Register(
            () => _deadline = new Timer(static _ => Exit("ran out of time", TimedOutCode), null, ProgramPatience, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Shortens the 30 s that the web server would wait for requests in hand.</summary>
    public static void LimitShutdown(IServiceCollection services) =>
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = HostPatience);

    public void Dispose()
    {
        _stopping.Dispose();
        _deadline?.Dispose();
        _terminate.Dispose();
        _interrupt.Dispose();
    }

    // The first one is the host's to handle; it begins the orderly stop.
    private void OnSignal(int signal)
    {
        if (Interlocked.Increment(ref _signals) > 1)
            Exit("was told to end at once", SignalCodeBase + signal);
    }

    private static void Exit(string why, int code)
    {
        Console.Error.WriteLine($"CoEdit {why}.");
        Environment.Exit(code);
    }
}
