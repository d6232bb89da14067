using BenchmarkDotNet.Attributes;
using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>Functions on updates without a document.</summary>
[MemoryDiagnoser]
public class UpdateBenchmarks
{
    private ReadOnlyMemory<byte>[] _updates = [];
    private byte[] _state = [];
    private byte[] _vector = [];

    /// <summary>How many keystrokes there are.</summary>
    [Params(2000, 16_000)]
    public int Keystrokes { get; set; }

    /// <summary>Types, and remembers the state vector from half-way.</summary>
    [GlobalSetup]
    public void Setup()
    {
        byte[][] typing = Samples.Typing(Keystrokes);
        _updates = [.. typing.Select(update => new ReadOnlyMemory<byte>(update))];
        _state = YUpdate.MergeUpdates(_updates);
        YDoc half = Samples.NewDoc(2);
        foreach (byte[] update in typing.AsSpan(0, Keystrokes / 2))
            half.ApplyUpdate(update);
        _vector = half.EncodeStateVector();
    }

    /// <summary>All updates of the keystrokes into one.</summary>
    [Benchmark]
    public byte[] Merge() => YUpdate.MergeUpdates(_updates);

    /// <summary>What somebody lacks who left half-way.</summary>
    [Benchmark]
    public byte[] Diff() => YUpdate.DiffUpdate(_state, _vector);

    /// <summary>The state vector of an update.</summary>
    [Benchmark]
    public byte[] StateVectorOf() => YUpdate.EncodeStateVectorFromUpdate(_state);

    /// <summary>From update format v1 to v2.</summary>
    [Benchmark]
    public byte[] Convert() => YUpdate.ConvertV1ToV2(_state);
}
