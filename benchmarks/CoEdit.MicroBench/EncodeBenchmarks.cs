using System.Buffers;
using BenchmarkDotNet.Attributes;
using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>Loading and encoding whole documents of ten thousand items.</summary>
[MemoryDiagnoser]
public class EncodeBenchmarks
{
    private const int Items = 10_000;
    private readonly ArrayBufferWriter<byte> _target = new(1 << 20);
    private readonly UpdateStore _store = new();
    private byte[] _text = [];
    private byte[] _maps = [];
    private byte[] _textV2 = [];
    private YDoc _textDoc = new();
    private YDoc _mapsDoc = new();

    /// <summary>Makes a text of scattered insertions and an array of maps.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _text = Samples.ScatteredState(Items);
        _textV2 = YUpdate.ConvertV1ToV2(_text);
        _maps = Samples.MapsState(Items / 4);
        _textDoc = Load(_text);
        _mapsDoc = Load(_maps);
        _store.Apply(_text, UpdateSource.Trusted);
    }

    /// <summary>Loads the text.</summary>
    [Benchmark]
    public YDoc LoadText() => Load(_text);

    /// <summary>Loads the text from update format v2.</summary>
    [Benchmark]
    public YDoc LoadTextV2()
    {
        YDoc doc = Samples.NewDoc(2);
        doc.ApplyUpdateV2(_textV2);
        return doc;
    }

    /// <summary>Loads the maps.</summary>
    [Benchmark]
    public YDoc LoadMaps() => Load(_maps);

    /// <summary>Encodes the text into a buffer that is used again.</summary>
    [Benchmark]
    public int EncodeText()
    {
        _target.ResetWrittenCount();
        _textDoc.EncodeStateAsUpdate(_target);
        return _target.WrittenCount;
    }

    /// <summary>The same in update format v2.</summary>
    [Benchmark]
    public int EncodeTextV2()
    {
        _target.ResetWrittenCount();
        _textDoc.EncodeStateAsUpdateV2(_target);
        return _target.WrittenCount;
    }

    /// <summary>Encodes the maps into a buffer that is used again.</summary>
    [Benchmark]
    public int EncodeMaps()
    {
        _target.ResetWrittenCount();
        _mapsDoc.EncodeStateAsUpdate(_target);
        return _target.WrittenCount;
    }

    /// <summary>The text, out of the update store.</summary>
    [Benchmark]
    public byte[] EncodeStore() => _store.EncodeState();

    private static YDoc Load(byte[] state)
    {
        YDoc doc = Samples.NewDoc(2);
        doc.ApplyUpdate(state);
        return doc;
    }
}
