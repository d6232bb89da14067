using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Counts the bytes of half-received messages in the whole process, so that many large ones cannot exhaust the memory.</summary>
internal sealed class AssemblyBudget(IOptions<CoEditOptions> options)
{
    private readonly long _limit = options.Value.Limits.MaxAssemblyBytes;
    private long _used;

    /// <summary>Bytes reserved now.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Reserves <paramref name="bytes"/>; false when that would exceed the limit, and nothing is reserved.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= _limit)
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref _used, -bytes);
}
