namespace CoEdit.Crdt;

/// <summary>An XML element: a name, attributes and children.</summary>
public sealed class YXmlElement : YXmlFragment
{
    internal const string DefaultName = "UNDEFINED";

    private OrderedDictionary<string, YValue>? _attributes = [];

    /// <summary>Creates a preliminary element.</summary>
    public YXmlElement(string nodeName = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(nodeName);
        NodeName = nodeName;
    }

    /// <summary>The element's name.</summary>
    public string NodeName { get; }

    internal override int TypeRef => XmlElementRef;

    internal override string NodeNameOrNull => NodeName;

    /// <summary>The node behind this one, or null.</summary>
    public YType? NextSibling => Sibling(next: true);

    /// <summary>The node in front of this one, or null.</summary>
    public YType? PreviousSibling => Sibling(next: false);

    /// <summary>Sets an attribute, normally to a text.</summary>
    public void SetAttribute(string name, YValue value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Doc is null)
        {
            _attributes![name] = value;
            return;
        }

        ContentCheck.Value(Store, value);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.SetKey(transaction, Handle, name, value);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Removes an attribute, if it is there.</summary>
    public void RemoveAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Doc is null)
        {
            _attributes!.Remove(name);
            return;
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.DeleteKey(transaction, Handle, name);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>The value of an attribute; undefined when it is absent.</summary>
    public YValue GetAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        YValue value;
        return (Doc is null ? _attributes!.TryGetValue(name, out value) : Store.TryGetKey(Handle, name, out value)) ? value : YValue.Undefined;
    }

    /// <summary>True when there is such an attribute.</summary>
    public bool HasAttribute(string name) => !GetAttribute(name).IsUndefined;

    /// <summary>All attributes at the time of a snapshot.</summary>
    /// <remarks>Values that were deleted since are there only if the document keeps deleted content (<see cref="YDocOptions.Gc"/>).</remarks>
    /// <exception cref="InvalidOperationException">The element is preliminary or has been deleted.</exception>
    public YObject GetAttributes(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        CheckAttached();
        return Store.ReadKeys(Handle, snapshot);
    }

    /// <inheritdoc/>
    public override YXmlElement Clone() => (YXmlElement)base.Clone();

    /// <summary>All attributes.</summary>
    public YObject GetAttributes() => Doc is null ? [.. _attributes!] : [.. Store.ReadKeys(Handle)];

    internal override void CheckContent(ref ContentCheck check)
    {
        base.CheckContent(ref check);
        foreach (YValue value in _attributes!.Values)
            check.Add(value);
    }

    internal override IEnumerator<int>? WriteContent(Transaction transaction)
    {
        IEnumerator<int>? children = base.WriteContent(transaction);
        if (_attributes is not { } attributes)
            return children;
        _attributes = null;
        return attributes.Count == 0 ? children : WriteContent(transaction, children, attributes);
    }

    private IEnumerator<int> WriteContent(Transaction transaction, IEnumerator<int>? children, OrderedDictionary<string, YValue> attributes)
    {
        while (children?.MoveNext() == true)
            yield return children.Current;
        foreach ((string name, YValue value) in attributes)
            yield return Store.NewKey(transaction, Handle, name, value);
    }
}
