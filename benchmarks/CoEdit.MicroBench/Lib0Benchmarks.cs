using System.Buffers;
using BenchmarkDotNet.Attributes;
using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>Reading and writing the primitives of the format; a figure is the cost of one value.</summary>
[MemoryDiagnoser]
public class Lib0Benchmarks
{
    private const int Values = 1000;
    private readonly ulong[] _numbers = new ulong[Values];
    private readonly ArrayBufferWriter<byte> _target = new(1 << 16);
    private byte[] _encodedNumbers = [];
    private byte[] _encodedStrings = [];

    /// <summary>Makes numbers of one to eight bytes and short strings.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (int i = 0; i < Values; i++)
            _numbers[i] = (ulong)random.NextInt64() >> random.Next(11, 63);
        WriteVarUInts();
        _encodedNumbers = _target.WrittenSpan.ToArray();
        WriteVarStrings();
        _encodedStrings = _target.WrittenSpan.ToArray();
    }

    /// <summary>Writes integers of mixed sizes.</summary>
    [Benchmark(OperationsPerInvoke = Values)]
    public int WriteVarUInts()
    {
        _target.ResetWrittenCount();
        foreach (ulong number in _numbers)
            _target.WriteVarUInt(number);
        return _target.WrittenCount;
    }

    /// <summary>Reads them.</summary>
    [Benchmark(OperationsPerInvoke = Values)]
    public ulong ReadVarUInts()
    {
        var reader = new Lib0Reader(_encodedNumbers);
        ulong sum = 0;
        while (!reader.IsAtEnd)
            sum += reader.ReadVarUInt();
        return sum;
    }

    /// <summary>Writes short strings.</summary>
    [Benchmark(OperationsPerInvoke = Values)]
    public int WriteVarStrings()
    {
        _target.ResetWrittenCount();
        for (int i = 0; i < Values; i++)
            _target.WriteVarString("a short text");
        return _target.WrittenCount;
    }

    /// <summary>Reads them, which checks that they are UTF-8.</summary>
    [Benchmark(OperationsPerInvoke = Values)]
    public int ReadVarStrings()
    {
        var reader = new Lib0Reader(_encodedStrings);
        int length = 0;
        while (!reader.IsAtEnd)
            length += reader.ReadVarString().Length;
        return length;
    }
}
