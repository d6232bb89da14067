using System.Diagnostics;

namespace CoEdit.Bench;

/// <summary>Takes times, in milliseconds, always by the same schedule.</summary>
/// <remarks>The schedule is the same in <c>peers/lib/measure.mjs</c>: change both or neither.</remarks>
/// <param name="warm">Repetitions right after the cold one, with a full collection before each; their median counts.</param>
/// <param name="passes">Then whole replays without collections: at least this many …</param>
/// <param name="calls">… or, of something short, at least this many calls …</param>
/// <param name="seconds">… and until this time is over. The median of the last third counts.</param>
internal sealed class Measure(int warm, int passes, int calls, double seconds)
{
    public static Measure Full { get; } = new(warm: 5, passes: 3, calls: 100, seconds: 1.5);

    public static Measure Quick { get; } = new(warm: 1, passes: 1, calls: 10, seconds: 0);

    public static void CollectGarbage()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
    }

    /// <summary>To a tenth of a microsecond, so that the JSON line stays readable.</summary>
    public static double Round(double milliseconds) => Math.Round(milliseconds, 4);

    public static double Timed<T>(Func<T> work, out T result)
    {
        long start = Stopwatch.GetTimestamp();
        result = work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A replay of all updates, after its cold first run.</summary>
    public (double Warm, double Steady) RepeatPass<T>(Func<T> pass) => Repeat(passes, () => 0, _ => pass());

    /// <summary>Something short, after its cold first call.</summary>
    public (double Warm, double Steady) RepeatCall<T>(Func<T> call) => Repeat(calls, () => 0, _ => call());

    /// <summary>Something short that needs fresh input every time; making the input is not part of the time.</summary>
    public (double Warm, double Steady) RepeatCall<TInput, T>(Func<TInput> prepare, Func<TInput, T> call) => Repeat(calls, prepare, call);

    private (double Warm, double Steady) Repeat<TInput, T>(int least, Func<TInput> prepare, Func<TInput, T> work)
    {
        var early = new List<double>();
        for (int i = 0; i < warm; i++)
        {
            TInput input = prepare();
            CollectGarbage();
            early.Add(Timed(() => work(input), out _));
        }

        var steady = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (steady.Count < least || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            TInput input = prepare();
            steady.Add(Timed(() => work(input), out _));
        }

        return (Round(Median(early)), Round(Median(steady[^((steady.Count + 2) / 3)..])));
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
