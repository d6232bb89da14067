using System.Diagnostics;
using System.Numerics;

namespace CoEdit.Load;

/// <summary>Latencies in buckets of about 3 %, from a fraction of a microsecond to a minute; recording allocates nothing.</summary>
internal sealed class Histogram
{
    private const int SubBits = 5;
    private const int SubBuckets = 1 << SubBits;
    private static readonly double TicksPerMs = Stopwatch.Frequency / 1000.0;

    private readonly long[] _counts = new long[64 * SubBuckets];

    public long Count { get; private set; }

    public void Record(long ticks)
    {
        _counts[Bucket(Math.Max(0, ticks))]++;
        Count++;
    }

    /// <summary>The latency in milliseconds that <paramref name="fraction"/> of all are below; NaN without any.</summary>
    public double Percentile(double fraction)
    {
        long rest = (long)Math.Ceiling(Count * fraction);
        for (int i = 0; i < _counts.Length && Count > 0; i++)
        {
            rest -= _counts[i];
            if (rest <= 0)
                return Middle(i) / TicksPerMs;
        }

        return double.NaN;
    }

    private static int Bucket(long ticks)
    {
        if (ticks < SubBuckets)
            return (int)ticks;
        int shift = BitOperations.Log2((ulong)ticks) - SubBits;
        return ((shift + 1) << SubBits) + (int)(ticks >> shift) - SubBuckets;
    }

    private static double Middle(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        int shift = (bucket >> SubBits) - 1;
        long low = (long)((bucket & (SubBuckets - 1)) + SubBuckets) << shift;
        return low + ((1L << shift) / 2.0);
    }
}
