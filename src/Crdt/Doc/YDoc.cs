using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CoEdit.Crdt;

/// <summary>A collaborative document: named shared types that several replicas edit and that converge when updates are exchanged.</summary>
/// <remarks>
/// Not thread-safe: one thread at a time, handlers included. Changes happen in transactions; each makes at most one update.
/// Updates can be applied in any order and any number of times. Disposing of a document is optional: it returns its memory to the next document at
/// once instead of leaving it to the garbage collector.
/// </remarks>
public sealed partial class YDoc : IDisposable
{
    private StructStore? _store;
    private readonly YDocOptions _options;
    private readonly HashSet<YDoc> _subdocs = [];
    private int _observers;

    /// <summary>Creates an empty document.</summary>
    public YDoc(YDocOptions? options = null)
    {
        _options = options ?? new YDocOptions();
        if (_options.ClientId > Lib0Reader.MaxSafeInteger)
            throw new ArgumentOutOfRangeException(nameof(options), "A client id has 53 bits at most.");
        _clientId = _options.ClientId ?? RandomClientId();
        Guid = _options.Guid ?? System.Guid.NewGuid().ToString();
        CollectionId = _options.CollectionId;
        ShouldLoad = _options.ShouldLoad;
        _roots = new NewRoots(_options);
        _store = new StructStore(this);
    }

    private ulong _clientId;

    /// <summary>The author id of local changes. It changes by itself when an update from elsewhere uses it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id has more than 53 bits.</exception>
    public ulong ClientId
    {
        get => _clientId;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Lib0Reader.MaxSafeInteger);
            ChangeClient(value);
        }
    }

    /// <summary>The document's identity.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "Yjs' word.")]
    public string Guid { get; }

    /// <summary>See <see cref="YDocOptions.CollectionId"/>.</summary>
    public string? CollectionId { get; private set; }

    /// <summary>See <see cref="YDocOptions.Gc"/>.</summary>
    public bool Gc => _options.Gc;

    /// <summary>See <see cref="YDocOptions.Meta"/>.</summary>
    public YValue Meta => _options.Meta;

    /// <summary>See <see cref="YDocOptions.AutoLoad"/>.</summary>
    public bool AutoLoad => _options.AutoLoad;

    /// <summary>See <see cref="YDocOptions.MaxDepth"/>.</summary>
    public int MaxDepth => _options.MaxDepth;

    /// <summary>Whether the application wants the content of this document.</summary>
    public bool ShouldLoad { get; private set; }

    /// <summary>The subdocuments that are part of the document now.</summary>
    public IReadOnlyCollection<YDoc> Subdocs => _subdocs;

    /// <summary>The guids of <see cref="Subdocs"/>.</summary>
    public IReadOnlySet<string> SubdocGuids => _subdocs.Select(subdoc => subdoc.Guid).ToHashSet();

    /// <summary>The names of all root types, known or only referred to, in the order in which they were first met.</summary>
    public IReadOnlyList<string> RootNames => [.. Store.RootTypes.Select(type => Store.Keys.Text(Store.Type(type).Name))];

    /// <summary>True while something waits for structs or deletions that refer to what has not arrived.</summary>
    public bool HasPending => _pending is not null || _pendingDeletes.Count > 0;

    /// <exception cref="ObjectDisposedException">The document has been disposed of.</exception>
    internal StructStore Store => _store ?? throw new ObjectDisposedException(nameof(YDoc));

    internal int MaxClients => _options.MaxClients;

    internal bool IsObserved => _observers > 0;

    /// <summary>The root text of a name.</summary>
    /// <exception cref="InvalidOperationException">The name is in use for another kind of type; so for the methods below.</exception>
    public YText GetText(string name = "") => (YText)GetRoot(name, YType.TextRef);

    /// <summary>The root array of a name.</summary>
    public YArray GetArray(string name = "") => (YArray)GetRoot(name, YType.ArrayRef);

    /// <summary>The root map of a name.</summary>
    public YMap GetMap(string name = "") => (YMap)GetRoot(name, YType.MapRef);

    /// <summary>The root XML fragment of a name.</summary>
    public YXmlFragment GetXmlFragment(string name = "") => (YXmlFragment)GetRoot(name, YType.XmlFragmentRef);

    /// <summary>The root XML element of a name.</summary>
    public YXmlElement GetXmlElement(string name = "") => (YXmlElement)GetRoot(name, YType.XmlElementRef);

    /// <summary>All typed roots, each read as JSON: arrays, objects, and strings for texts and XML.</summary>
    /// <exception cref="DepthLimitException">The document nests too deep.</exception>
    public YValue ToJson()
    {
        YObject roots = [];
        foreach (int type in Store.RootTypes)
        {
            ref TypeNode node = ref Store.Type(type);
            roots[Store.Keys.Text(node.Name)] = node.Ref == TypeNode.Untyped ? YValue.Undefined : Store.Face(type).ToJson();
        }

        return roots;
    }

    /// <summary>Tells the parent document that the content of this subdocument is wanted.</summary>
    public void Load()
    {
        if (_parent is not null && !ShouldLoad)
            _parent.Transact(transaction => DocList.Add(ref transaction.LoadedDocs, this));
        ShouldLoad = true;
    }

    internal static ulong RandomClientId() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    internal void CountObserver(int change) => _observers += change;

    private YType GetRoot(string name, int typeRef)
    {
        ArgumentNullException.ThrowIfNull(name);
        int type = Store.GetRoot(Store.Keys.Intern(name));
        ref TypeNode node = ref Store.Type(type);
        if (node.Ref == TypeNode.Untyped)
            node.Ref = typeRef;
        if (node.Ref != typeRef)
            throw new InvalidOperationException("The name is in use for another kind of type.");
        return Store.Face(type);
    }
}
