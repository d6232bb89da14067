using System.Text;

namespace CoEdit.Crdt;

/// <summary>Interned names of one document: roots, map keys, formatting keys, node names. Ids count from 0.</summary>
internal sealed class KeyTable
{
    private readonly Dictionary<byte[], int> _ids = new(NameComparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly List<Key> _keys = [];
    private int _last = -1;

    public KeyTable() => _lookup = _ids.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count => _keys.Count;

    public int Intern(ReadOnlySpan<byte> utf8)
    {
        if (_last >= 0 && utf8.SequenceEqual(_keys[_last].Utf8))
            return _last;
        if (!_lookup.TryGetValue(utf8, out int id))
        {
            id = _keys.Count;
            byte[] copy = utf8.ToArray();
            _keys.Add(new Key { Utf8 = copy });
            _ids.Add(copy, id);
        }

        return _last = id;
    }

    public int Intern(string key)
    {
        int found = Find(key);
        return found >= 0 ? found : Intern(Encoding.UTF8.GetBytes(key));
    }

    /// <summary>The id of a key that is known already, or -1.</summary>
    public int Find(string key)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (key.Length > 80)
            return _lookup.TryGetValue(Encoding.UTF8.GetBytes(key), out int id) ? id : -1;
        int length = Encoding.UTF8.GetBytes(key, utf8);
        if (_last >= 0 && utf8[..length].SequenceEqual(_keys[_last].Utf8))
            return _last;
        return _lookup.TryGetValue(utf8[..length], out int known) ? known : -1;
    }

    /// <summary>The id of a key that is known already, or -1.</summary>
    public int Find(ReadOnlySpan<byte> utf8) => _lookup.TryGetValue(utf8, out int id) ? id : -1;

    public ReadOnlySpan<byte> Utf8(int id) => _keys[id].Utf8;

    public string Text(int id) => _keys[id].Text ??= Encoding.UTF8.GetString(_keys[id].Utf8);

    private sealed class Key
    {
        public required byte[] Utf8;
        public string? Text;
    }
}
