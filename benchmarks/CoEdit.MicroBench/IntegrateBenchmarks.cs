using BenchmarkDotNet.Attributes;
using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>Insertions of many clients at one place: what finding the right place among them costs, per update.</summary>
[MemoryDiagnoser]
public class IntegrateBenchmarks
{
    private byte[][] _ascending = [];
    private byte[][] _shuffled = [];

    /// <summary>How many clients insert.</summary>
    [Params(100, 1000)]
    public int Clients { get; set; }

    /// <summary>Makes an update of each client.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _ascending = Samples.Conflicting(Clients);
        _shuffled = [.. _ascending];
        new Random(1).Shuffle(_shuffled);
    }

    /// <summary>In the order of the client ids.</summary>
    [Benchmark]
    public YDoc Ascending() => Apply(_ascending);

    /// <summary>In random order.</summary>
    [Benchmark]
    public YDoc Shuffled() => Apply(_shuffled);

    private static YDoc Apply(byte[][] updates)
    {
        YDoc doc = Samples.NewDoc(1_000_000);
        foreach (byte[] update in updates)
            doc.ApplyUpdate(update);
        return doc;
    }
}
