namespace CoEdit.Crdt;

/// <summary>A shared type: a text, array, map or XML node inside a <see cref="YDoc"/>.</summary>
/// <remarks>
/// A type that was created by a constructor is preliminary: what is put into it waits until the type itself is put into a document. A type whose
/// content was dropped after its deletion is empty and cannot be changed.
/// </remarks>
public abstract class YType
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

    /// <summary>The document, or null while the type is preliminary.</summary>
    public YDoc? Doc { get; private set; }

    /// <summary>The type that holds this one, or null for roots and preliminary types.</summary>
    public YType? Parent
    {
        get
        {
            if (Doc is null || Handle == StructStore.None || Store.Type(Handle).Owner is var owner && owner == StructStore.None)
                return null;
            return Store.Face(Store.Items[owner].Parent);
        }
    }

    /// <summary>True when the type, or one that holds it, has been deleted.</summary>
    public bool IsDeleted => Doc is not null && (Handle == StructStore.None || Store.IsTypeDeleted(Handle));

    internal int Handle { get; private set; }

    internal StructStore Store => Doc!.Store;

    internal abstract int TypeRef { get; }

    internal virtual string? NodeNameOrNull => null;

    /// <summary>What the type holds, read as JSON: an array, an object, or a string for texts and XML.</summary>
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
    }

    internal void Forget() => Handle = StructStore.None;

    /// <summary>The type has got its place: write what was put into it before.</summary>
    internal virtual void OnIntegrated(Transaction transaction)
    {
    }

    /// <summary>Runs a change in the present transaction or in one of its own.</summary>
    private protected Transaction BeginChange(out bool outermost)
    {
        if (Handle == StructStore.None)
            throw new InvalidOperationException("The type has been deleted.");
        return Doc!.Begin(null, local: true, out outermost);
    }
}
