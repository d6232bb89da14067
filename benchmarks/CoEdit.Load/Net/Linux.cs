using System.Runtime.InteropServices;

namespace CoEdit.Load;

/// <summary>The few calls of the C library that .NET has no equivalent for.</summary>
internal static partial class Linux
{
    public const int EpollControlAdd = 1;
    public const int EpollControlDelete = 2;
    public const int EpollControlModify = 3;
    public const uint EpollIn = 0x001;
    public const uint EpollOut = 0x004;
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;
    public const int ErrorInterrupted = 4;

    /// <summary>Bytes of one <c>epoll_event</c>: packed on x64 only.</summary>
    public static int EpollEventBytes { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where the user's 64 bits start in an <c>epoll_event</c>.</summary>
    public static int EpollDataOffset { get; } = EpollEventBytes - 8;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static unsafe partial int EpollControl(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static unsafe partial int EpollWait(int epoll, byte* events, int count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);
}
