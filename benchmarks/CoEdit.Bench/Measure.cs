using System.Diagnostics;

namespace CoEdit.Bench;

/// <summary>Takes times, in milliseconds, always by the same schedule.</summary>
/// <remarks>The schedule is the same in <c>peers/lib/measure.mjs</c>: change both or neither.</remarks>
/// <param name="warm">Repetitions right after the cold one, with a full collection before each; their median counts.</param>
/// <param name="passes">Then whole replays without collections: at least this many …</param>
/// <param name="calls">… or, of something short, at least this many calls …</param>
/// <param name="seconds">… and until this time is over. The median of the last third counts.</param>
/// <param name="patience">Fewer passes do when they take longer than so many seconds together.</param>
/// <param name="inputs">How many of the growing inputs of X-* are tried.</param>
/// <param name="loads">What the metric <c>loadSteadyMs</c> demands: so many loads, of which the last 30 % count.</param>
internal sealed class Measure(int warm, int passes, int calls, double seconds, double patience, int loads, int inputs)
{
    public static Measure Full { get; } = new(warm: 5, passes: 3, calls: 100, seconds: 1.5, patience: 8, loads: 100, inputs: 6);

    public static Measure Quick { get; } = new(warm: 1, passes: 1, calls: 10, seconds: 0, patience: 0, loads: 10, inputs: 2);

    /// <summary>How many of the growing inputs of X-* are tried.</summary>
    public int Inputs => inputs;

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

    public static Timing Timed(Action work)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new Timing(Round(elapsed.TotalMilliseconds), Round((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds));
    }

    /// <summary>A replay of all updates, after its cold first run.</summary>
    public (double Warm, double Steady) RepeatPass<T>(Func<T> pass) => Repeat(passes, seconds, () => 0, _ => pass());

    /// <summary>Something short, after its cold first call.</summary>
    public (double Warm, double Steady) RepeatCall<T>(Func<T> call) => Repeat(calls, seconds, () => 0, _ => call());

    /// <summary>Something short that needs fresh input every time; making the input is not part of the time.</summary>
    public (double Warm, double Steady) RepeatCall<TInput, T>(Func<TInput> prepare, Func<TInput, T> call) =>
        Repeat(calls, seconds, prepare, call);

    /// <summary>Something that may take up to a second: three times, and for half a second.</summary>
    public (double Warm, double Steady) RepeatLong<T>(Func<T> call) => Repeat(3, Math.Min(seconds, 0.5), () => 0, _ => call());

    /// <summary>Loads: a few with a collection before each, then a hundred without, of which the last thirty count.</summary>
    public (double Warm, double Steady) RepeatLoad<T>(Func<T> load)
    {
        double[] early = new double[warm];
        double[] later = new double[loads];
        for (int i = 0; i < early.Length; i++)
        {
            CollectGarbage();
            early[i] = Timed(load, out _);
        }

        for (int i = 0; i < later.Length; i++)
            later[i] = Timed(load, out _);
        return (Round(Median(early)), Round(Median(later[^(loads * 3 / 10)..])));
    }

    /// <summary>Steady times of something that measures itself: for each of its times the median of the last third of the passes.</summary>
    public double[] SteadyPasses(Func<double[]> pass) => Steady(passes, pass);

    /// <summary>The same for something short.</summary>
    public double[] SteadyCalls(Func<double[]> pass) => Steady(calls, pass);

    private double[] Steady(int least, Func<double[]> pass)
    {
        var times = new List<double[]>();
        long start = Stopwatch.GetTimestamp();
        double Elapsed() => Stopwatch.GetElapsedTime(start).TotalSeconds;
        do
        {
            times.Add(pass());
        }
        while (Elapsed() < seconds || (times.Count < least && Elapsed() < patience));
        List<double[]> last = LastThird(times);
        return [.. times[0].Select((_, which) => Round(Median(last.Select(time => time[which]))))];
    }

    private (double Warm, double Steady) Repeat<TInput, T>(int least, double atLeastSeconds, Func<TInput> prepare, Func<TInput, T> work)
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
        while (steady.Count < least || Stopwatch.GetElapsedTime(start).TotalSeconds < atLeastSeconds)
        {
            TInput input = prepare();
            steady.Add(Timed(() => work(input), out _));
        }

        return (Round(Median(early)), Round(Median(LastThird(steady))));
    }

    private static List<T> LastThird<T>(List<T> values) => values[^((values.Count + 2) / 3)..];

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
