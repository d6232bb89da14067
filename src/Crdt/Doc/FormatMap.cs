namespace CoEdit.Crdt;

/// <summary>Formatting in effect at a place of a text, in the order in which it came into effect (a JavaScript map).</summary>
internal sealed class FormatMap
{
    private readonly List<(int Key, YValue Value)> _formats;

    public FormatMap() => _formats = [];

    private FormatMap(List<(int Key, YValue Value)> formats) => _formats = formats;

    public int Count => _formats.Count;

    public (int Key, YValue Value) this[int index] => _formats[index];

    public FormatMap Clone() => new([.. _formats]);

    /// <summary>The value of a key, null for none.</summary>
    public YValue Get(int key) => IndexOf(key) is var index and >= 0 ? _formats[index].Value : YValue.Null;

    public bool TryGet(int key, out YValue value)
    {
        int index = IndexOf(key);
        value = index >= 0 ? _formats[index].Value : default;
        return index >= 0;
    }

    public void Set(int key, in YValue value)
    {
        int index = IndexOf(key);
        if (index >= 0)
            _formats[index] = (key, value);
        else
            _formats.Add((key, value));
    }

    public void Remove(int key)
    {
        if (IndexOf(key) is var index and >= 0)
            _formats.RemoveAt(index);
    }

    /// <summary>What passing a format mark does: null ends a format.</summary>
    public void Pass(int key, in YValue value)
    {
        if (value.IsNull)
            Remove(key);
        else
            Set(key, value);
    }

    private int IndexOf(int key)
    {
        for (int i = 0; i < _formats.Count; i++)
        {
            if (_formats[i].Key == key)
                return i;
        }

        return -1;
    }
}
