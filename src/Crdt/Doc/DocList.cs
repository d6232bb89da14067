namespace CoEdit.Crdt;

/// <summary>Documents in the order in which they were added, each once. Adding and removing take constant time.</summary>
internal sealed class DocList
{
    private readonly List<YDoc?> _docs = [];
    private readonly Dictionary<YDoc, int> _places = [];

    public static void Add(ref DocList? list, YDoc doc)
    {
        list ??= new DocList();
        if (list._places.TryAdd(doc, list._docs.Count))
            list._docs.Add(doc);
    }

    /// <summary>The documents, which a later change of the list leaves alone.</summary>
    public static IReadOnlyList<YDoc> Copy(DocList? list) => list is null ? [] : [.. list._docs.OfType<YDoc>()];

    /// <summary>False when it was not there.</summary>
    public bool Remove(YDoc doc)
    {
        if (!_places.Remove(doc, out int place))
            return false;
        _docs[place] = null;
        return true;
    }
}
