namespace CoEdit.Crdt;

/// <summary>A shared type: a text, array, map or XML node inside a <see cref="YDoc"/>.</summary>
/// <remarks>
/// A type that was created by a constructor is preliminary: what is put into it waits until the type itself is put into a document. A type whose
/// content was dropped after its deletion is empty and cannot be changed.
/// </remarks>
public abstract partial class YType
{
    internal const int ArrayRef = 0;
    internal const int MapRef = 1;
    internal const int TextRef = 2;
    internal const int XmlElementRef = 3;
    internal const int XmlFragmentRef = 4;
    internal const int XmlHookRef = 5;
    internal const int XmlTextRef = 6;

    private protected YType()
    {
    }

    private Action<YEvent>? _observed;
    private Action<IReadOnlyList<YEvent>>? _observedDeep;

    /// <summary>Raised after a transaction that changed this type itself.</summary>
    public event Action<YEvent>? Observed
    {
        add => Count(ref _observed, _observed + value);
        remove => Count(ref _observed, _observed - value);
    }

    /// <summary>Raised after a transaction that changed this type or types in it, with one event for each, the ones higher up first.</summary>
    public event Action<IReadOnlyList<YEvent>>? ObservedDeep
    {
        add => CountDeep(_observedDeep + value);
        remove => CountDeep(_observedDeep - value);
    }

    internal Action<YEvent>? ObservedHandlers => _observed;

    internal Action<IReadOnlyList<YEvent>>? ObservedDeepHandlers => _observedDeep;

    /// <summary>The document, or null while the type is preliminary.</summary>
    public YDoc? Doc { get; private set; }

    /// <summary>The type that holds this one, or null for roots, for preliminary types and for roots that no one has asked for yet.</summary>
    public YType? Parent
    {
        get
        {
            if (Doc is null || Handle == StructStore.None || Store.Type(Handle).Owner is var owner && owner == StructStore.None)
                return null;
            int parent = Store.Items[owner].Parent;
            return Store.Type(parent).Ref == TypeNode.Untyped ? null : Store.Face(parent);
        }
    }

    /// <summary>True when the type, or one that holds it, has been deleted.</summary>
    public bool IsDeleted => Doc is not null && (Handle == StructStore.None || Store.IsTypeDeleted(Handle));

    internal int Handle { get; private set; }

    internal StructStore Store => Doc!.Store;

    internal abstract int TypeRef { get; }

    internal virtual string? NodeNameOrNull => null;

    /// <summary>What the type holds, read as JSON: an array, an object, or a string for texts and XML.</summary>
    /// <exception cref="DepthLimitException">It nests too deep.</exception>
    public YValue ToJson() => Doc is null ? YValue.Undefined : TypeReader.ToJson(Store, Handle);

    internal static YType Create(int typeRef, string? name) => typeRef switch
    {
        ArrayRef => new YArray(),
        MapRef => new YMap(),
        TextRef => new YText(),
        XmlElementRef => new YXmlElement(name ?? YXmlElement.DefaultName),
        XmlFragmentRef => new YXmlFragment(),
        XmlHookRef => new YXmlHook(name ?? ""),
        _ => new YXmlText(),
    };

    internal void Attach(YDoc doc, int handle)
    {
        Doc = doc;
        Handle = handle;
        if (_observed is not null)
            doc.CountObserver(1);
        if (_observedDeep is null)
            return;
        doc.CountObserver(1);
        doc.DeepObserversChanged();
    }

    // A document without observers doesn't keep book of keys.
    private void Count<THandlers>(ref THandlers? handlers, THandlers? changed)
        where THandlers : Delegate
    {
        Doc?.CountObserver((changed is null ? 0 : 1) - (handlers is null ? 0 : 1));
        handlers = changed;
    }

    private void CountDeep(Action<IReadOnlyList<YEvent>>? changed)
    {
        bool same = changed is null == _observedDeep is null;
        Count(ref _observedDeep, changed);
        if (!same)
            Doc?.DeepObserversChanged();
    }

    internal void Forget() => Handle = StructStore.None;

    /// <summary>Adds what was put into the type while it was preliminary to a check.</summary>
    internal virtual void CheckContent(ref ContentCheck check)
    {
    }

    private protected void CheckAttached()
    {
        if (Doc is null || Handle == StructStore.None)
            throw new InvalidOperationException("The type is not part of a document.");
    }

    /// <summary>
    /// The type has got its place: writes what was put into it before, step by step. Each step yields the item it made; if that holds a type, its
    /// content is written before the next step. Null when there is nothing.
    /// </summary>
    internal virtual IEnumerator<int>? WriteContent(Transaction transaction) => null;

    /// <summary>Runs a change in the present transaction or in one of its own.</summary>
    private protected Transaction BeginChange(out bool outermost)
    {
        if (Handle == StructStore.None)
            throw new InvalidOperationException("The type has been deleted.");
        return Doc!.Begin(null, local: true, out outermost);
    }
}
