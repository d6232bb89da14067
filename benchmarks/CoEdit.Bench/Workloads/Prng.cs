using System.Text;

namespace CoEdit.Bench;

/// <summary>Where the synthetic inputs come from. Gives the same numbers as <c>peers/lib/prng.mjs</c>, bit for bit.</summary>
/// <remarks>The seed is FNV-1a over the UTF-8 bytes of the benchmark's id, the generator mulberry32.</remarks>
internal sealed class Prng
{
    private uint _state;

    public Prng(string id)
    {
        _state = 0x811c9dc5;
        foreach (byte part in Encoding.UTF8.GetBytes(id))
            _state = (_state ^ part) * 0x01000193;
    }

    public uint Next()
    {
        uint a = _state += 0x6d2b79f5;
        uint t = (a ^ (a >> 15)) * (a | 1);
        t ^= t + ((t ^ (t >> 7)) * (t | 61));
        return t ^ (t >> 14);
    }

    /// <summary>A whole number from low to high, both included; through a double, as JavaScript computes it.</summary>
    public int Int(int low, int high) => low + (int)Math.Floor(Next() / 4294967296.0 * ((double)high - low + 1));

    public bool Bool() => Next() < 0x80000000;

    /// <summary>Lower-case letters; their number is drawn first.</summary>
    public string Word(int shortest, int longest)
    {
        char[] letters = new char[Int(shortest, longest)];
        for (int i = 0; i < letters.Length; i++)
            letters[i] = (char)Int('a', 'z');
        return new string(letters);
    }
}
