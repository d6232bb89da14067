using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace CoEdit.Crdt;

/// <summary>Named values in JavaScript's property order: names that are array indices first and ascending, the others as they were added.</summary>
/// <remarks>Not thread-safe while it is filled. Once it is part of a <see cref="YValue"/> it must not change.</remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Short, like the values it holds.")]
public sealed class YObject : IReadOnlyDictionary<string, YValue>
{
    private const int LinearSearch = 8;
    private const uint LargestIndex = uint.MaxValue - 1;

    // In the order of their names' first appearance until somebody looks: names that are indices may come in any order, and moving each to its
    // place would be quadratic.
    private readonly List<KeyValuePair<string, YValue>> _members = [];
    private Dictionary<string, int>? _places;
    private long _lastIndex = -1;
    private bool _hasNames;
    private volatile bool _isUnordered;

    /// <inheritdoc/>
    public int Count => _members.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Ordered().Select(member => member.Key);

    /// <inheritdoc/>
    public IEnumerable<YValue> Values => Ordered().Select(member => member.Value);

    /// <summary>The value of a name. Setting a name that exists replaces its value and keeps its place.</summary>
    /// <exception cref="KeyNotFoundException">There is no such name.</exception>
    public YValue this[string key]
    {
        get => TryGetValue(key, out YValue value) ? value : throw new KeyNotFoundException("The object has no such name.");
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Set(key, value);
        }
    }

    /// <summary>Adds or replaces a value, for collection initialisers.</summary>
    public void Add(string key, YValue value) => this[key] = value;

    /// <summary>Adds or replaces a value, for copies.</summary>
    public void Add(KeyValuePair<string, YValue> member) => this[member.Key] = member.Value;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out YValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        List<KeyValuePair<string, YValue>> members = Ordered();
        int place = PlaceOf(key);
        value = place < 0 ? default : members[place].Value;
        return place >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, YValue>> GetEnumerator() => Ordered().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal KeyValuePair<string, YValue> At(int index) => Ordered()[index];

    private void Set(string key, YValue value)
    {
        KeyValuePair<string, YValue> member = new(key, value);
        int place = PlaceOf(key);
        if (place >= 0)
        {
            _members[place] = member;
            return;
        }

        if (TryGetIndex(key, out uint index))
        {
            // Ascending indices in front of all names are where they belong.
            if (_hasNames || index < _lastIndex)
                _isUnordered = true;
            _lastIndex = Math.Max(_lastIndex, index);
        }
        else
        {
            _hasNames = true;
        }

        _members.Add(member);
        if (_places is not null)
            _places.Add(key, _members.Count - 1);
        else if (_members.Count > LinearSearch)
            _places = MakePlaces();
    }

    // A value may be read by several threads, so the first one that looks puts it in order for all.
    private List<KeyValuePair<string, YValue>> Ordered()
    {
        if (!_isUnordered)
            return _members;
        lock (_members)
        {
            if (_isUnordered)
            {
                KeyValuePair<string, YValue>[] ordered = [.. _members.OrderBy(member => TryGetIndex(member.Key, out uint index) ? index : long.MaxValue)];
                ordered.CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_members));
                if (_places is not null)
                    _places = MakePlaces();
                _isUnordered = false;
            }
        }

        return _members;
    }

    private Dictionary<string, int> MakePlaces()
    {
        Dictionary<string, int> places = new(_members.Count, StringComparer.Ordinal);
        for (int i = 0; i < _members.Count; i++)
            places.Add(_members[i].Key, i);
        return places;
    }

    private int PlaceOf(string key)
    {
        if (_places is not null)
            return _places.TryGetValue(key, out int place) ? place : -1;
        for (int i = 0; i < _members.Count; i++)
        {
            if (_members[i].Key == key)
                return i;
        }

        return -1;
    }

    private static bool TryGetIndex(string key, out uint index)
    {
        index = 0;
        if (key.Length is 0 or > 10 || (key[0] == '0' && key.Length > 1))
            return false;
        ulong value = 0;
        foreach (char c in key)
        {
            if (c is < '0' or > '9')
                return false;
            value = (value * 10) + (uint)(c - '0');
        }

        index = (uint)value;
        return value <= LargestIndex;
    }
}
