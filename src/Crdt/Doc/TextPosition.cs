namespace CoEdit.Crdt;

/// <summary>A place between two items of a text, with the formatting in effect there.</summary>
internal sealed class TextPosition(int left, int right)
{
    private FormatMap? _attributes;

    public int Left = left;
    public int Right = right;

    public FormatMap Attributes => _attributes ??= new FormatMap();

    public int FormatCount => _attributes?.Count ?? 0;

    /// <summary>The formatting as attributes for content that takes part in it.</summary>
    public YObject Inherited(KeyTable keys)
    {
        YObject attributes = [];
        for (int i = 0; i < FormatCount; i++)
            attributes[keys.Text(_attributes![i].Key)] = _attributes[i].Value;
        return attributes;
    }
}
