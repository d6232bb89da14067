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

    private readonly List<KeyValuePair<string, YValue>> _members = [];
    private Dictionary<string, YValue>? _byName;
    private int _indices;

    /// <inheritdoc/>
    public int Count => _members.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _members.Select(member => member.Key);

    /// <inheritdoc/>
    public IEnumerable<YValue> Values => _members.Select(member => member.Value);

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
        if (_byName is not null)
            return _byName.TryGetValue(key, out value);
        foreach (KeyValuePair<string, YValue> member in _members)
        {
            if (member.Key == key)
            {
                value = member.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, YValue>> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal KeyValuePair<string, YValue> At(int index) => _members[index];

    internal void Remove(string key)
    {
        int index = _members.FindIndex(member => member.Key == key);
        if (index < 0)
            return;
        _members.RemoveAt(index);
        if (index < _indices)
            _indices--;
        _byName?.Remove(key);
    }

    private void Set(string key, YValue value)
    {
        KeyValuePair<string, YValue> member = new(key, value);
        if (TryGetValue(key, out _))
        {
            _members[_members.FindIndex(other => other.Key == key)] = member;
        }
        else if (TryGetIndex(key, out uint index))
        {
            int at = 0;
            while (at < _indices && TryGetIndex(_members[at].Key, out uint other) && other < index)
                at++;
            _members.Insert(at, member);
            _indices++;
        }
        else
        {
            _members.Add(member);
        }

        if (_byName is not null)
            _byName[key] = value;
        else if (_members.Count > LinearSearch)
            _byName = new Dictionary<string, YValue>(_members, StringComparer.Ordinal);
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
