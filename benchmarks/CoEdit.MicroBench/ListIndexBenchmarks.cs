using BenchmarkDotNet.Attributes;
using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>Local edits by index: at random places the order tree finds the item, at one place the cursor does. Per edit.</summary>
[MemoryDiagnoser]
public class ListIndexBenchmarks
{
    private const int Edits = 1000;
    private readonly int[] _places = new int[Edits];
    private byte[] _state = [];
    private YText _text = new();
    private YArray _array = [];

    /// <summary>How many items the text and the array have.</summary>
    [Params(1_000, 100_000)]
    public int Items { get; set; }

    /// <summary>Makes a text and an array without anything to merge.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _state = Samples.ScatteredState(Items);
        var random = new Random(2);
        for (int i = 0; i < Edits; i++)
            _places[i] = random.Next(Items);
    }

    /// <summary>Each iteration edits fresh documents.</summary>
    [IterationSetup]
    public void Load()
    {
        YDoc doc = Samples.NewDoc(2);
        doc.ApplyUpdate(_state);
        _text = doc.GetText("text");
        _array = doc.GetArray("array");
        doc.Transact(_ =>
        {
            for (int i = 0; i < Items; i++)
                _array.Insert(0, i);
        });
    }

    /// <summary>Inserts at random places of the text.</summary>
    [Benchmark(OperationsPerInvoke = Edits)]
    public void InsertAtRandomPlaces()
    {
        foreach (int place in _places)
            _text.Insert(place, "x");
    }

    /// <summary>Types at one place of the text.</summary>
    [Benchmark(OperationsPerInvoke = Edits)]
    public void Type()
    {
        int cursor = Items / 2;
        for (int i = 0; i < Edits; i++)
            _text.Insert(cursor++, "x");
    }

    /// <summary>Reads random elements of the array.</summary>
    [Benchmark(OperationsPerInvoke = Edits)]
    public double ReadRandomElements()
    {
        double sum = 0;
        foreach (int place in _places)
            sum += _array[place].AsDouble();
        return sum;
    }
}
