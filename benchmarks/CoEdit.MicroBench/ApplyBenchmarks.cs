using BenchmarkDotNet.Attributes;
using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>Ten thousand keystrokes, one update each, into a fresh store or document; a figure is the cost of one update.</summary>
[MemoryDiagnoser]
public class ApplyBenchmarks
{
    private const int Updates = 10_000;
    private byte[][] _typing = [];
    private byte[][] _scattered = [];

    /// <summary>Types.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _typing = Samples.Typing(Updates);
        _scattered = Samples.Scattered(Updates);
    }

    /// <summary>Typing, into the update store.</summary>
    [Benchmark(OperationsPerInvoke = Updates)]
    public UpdateStore StoreTyping() => ApplyToStore(_typing);

    /// <summary>Insertions at random places, into the update store.</summary>
    [Benchmark(OperationsPerInvoke = Updates)]
    public UpdateStore StoreScattered() => ApplyToStore(_scattered);

    /// <summary>Typing, into the document.</summary>
    [Benchmark(OperationsPerInvoke = Updates)]
    public YDoc DocTyping() => ApplyToDoc(_typing);

    /// <summary>Insertions at random places, into the document.</summary>
    [Benchmark(OperationsPerInvoke = Updates)]
    public YDoc DocScattered() => ApplyToDoc(_scattered);

    private static UpdateStore ApplyToStore(byte[][] updates)
    {
        var store = new UpdateStore();
        foreach (byte[] update in updates)
            store.Apply(update);
        return store;
    }

    private static YDoc ApplyToDoc(byte[][] updates)
    {
        YDoc doc = Samples.NewDoc(2);
        foreach (byte[] update in updates)
            doc.ApplyUpdate(update);
        return doc;
    }
}
