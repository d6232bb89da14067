using System.Text;

namespace CoEdit.Crdt;

/// <summary>Documents inside documents.</summary>
public sealed partial class YDoc
{
    private YDoc? _parent;
    private int _item;

    internal YDoc? Parent => _parent;

    /// <summary>The subdocument that a document content describes: <c>str(guid) any(options)</c>.</summary>
    internal static YDoc FromWire(ReadOnlySpan<byte> content)
    {
        Lib0Reader reader = new(content);
        string guid = Encoding.UTF8.GetString(reader.ReadVarString());
        return FromWire(guid, AnyCodec.Read(ref reader).AsObject());
    }

    internal void AttachTo(YDoc parent, int item)
    {
        _parent = parent;
        _item = item;
    }

    /// <summary>The document content that describes this subdocument.</summary>
    internal byte[] ToWire()
    {
        YObject options = [];
        if (!Gc)
            options["gc"] = false;
        if (AutoLoad)
            options["autoLoad"] = true;
        if (!Meta.IsNull)
            options["meta"] = Meta;
        ByteBuffer buffer = new();
        buffer.WriteVarString(Guid);
        AnyCodec.Write(buffer, options);
        return buffer.Written.ToArray();
    }

    private static YDoc FromWire(string guid, YObject options)
    {
        bool autoLoad = options.TryGetValue("autoLoad", out YValue auto) && IsTrue(auto);
        bool shouldLoad = options.TryGetValue("shouldLoad", out YValue should) && IsTrue(should);
        return new YDoc(new YDocOptions
        {
            Guid = guid,
            Gc = !options.TryGetValue("gc", out YValue gc) || IsTrue(gc),
            AutoLoad = autoLoad,
            ShouldLoad = shouldLoad || autoLoad,
            Meta = options.TryGetValue("meta", out YValue meta) ? meta : YValue.Null,
        });
    }

    private static bool IsTrue(in YValue value) => value.Kind == YValueKind.Boolean && value.AsBoolean();

    private void CommitSubdocs(Transaction transaction)
    {
        if (transaction.AddedDocs is null && transaction.RemovedDocs is null && transaction.LoadedDocs is null)
            return;
        IReadOnlyList<YDoc> added = DocList.Copy(transaction.AddedDocs);
        IReadOnlyList<YDoc> removed = DocList.Copy(transaction.RemovedDocs);
        foreach (YDoc subdoc in added)
        {
            subdoc.ChangeClient(_clientId);
            subdoc.CollectionId ??= CollectionId;
            _subdocs.Add(subdoc);
        }

        foreach (YDoc subdoc in removed)
            _subdocs.Remove(subdoc);
        SubdocsChanged?.Invoke(new SubdocsEvent(added, removed, DocList.Copy(transaction.LoadedDocs)), transaction);
        foreach (YDoc subdoc in removed)
            subdoc.Destroy();
    }

    /// <summary>
    /// Ends the use of the document: its subdocuments are destroyed, <see cref="Destroyed"/> is raised, and no event of it any more. A subdocument is
    /// replaced in its parent by a fresh one that is not loaded. Once destroyed, a document ignores further calls.
    /// </summary>
    public void Destroy()
    {
        // Those inside go first; without recursion, for documents nest as deep as applications like.
        List<YDoc> order = [];
        Stack<YDoc> waiting = new();
        waiting.Push(this);
        while (waiting.TryPop(out YDoc? doc))
        {
            if (doc.IsDestroyed)
                continue;
            doc.IsDestroyed = true;
            order.Add(doc);
            foreach (YDoc subdoc in doc._subdocs)
                waiting.Push(subdoc);
        }

        for (int i = order.Count - 1; i >= 0; i--)
            order[i].LeaveParent();
    }

    /// <summary>
    /// Destroys the document (<see cref="Destroy"/>) and gives its memory to the documents that come. From then on it cannot be used: what reads or
    /// changes it throws <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A transaction of the document is in progress.</exception>
    public void Dispose()
    {
        if (_store is null)
            return;
        if (_current is not null || _queue.Count > 0)
            throw new InvalidOperationException("A document cannot be disposed of inside one of its transactions.");
        Destroy();
        _store.Items.Release();
        _store = null;
        _pending = null;
    }

    internal bool IsDisposed => _store is null;

    private void LeaveParent()
    {
        if (_parent is { } parent)
        {
            _parent = null;
            if (parent._store is { } store && ReferenceEquals(store.Subdoc(_item), this))
                parent.ReplaceSubdoc(this, _item);
        }

        Action<YDoc>? destroyed = Destroyed;
        ForgetHandlers();
        destroyed?.Invoke(this);
    }

    /// <summary>True after <see cref="Destroy"/>.</summary>
    public bool IsDestroyed { get; private set; }

    private void ReplaceSubdoc(YDoc old, int item)
    {
        YDoc fresh = new(old._options with { Guid = old.Guid, ClientId = null, ShouldLoad = false });
        fresh.AttachTo(this, item);
        Store.SetSubdoc(item, fresh);
        Transact(transaction =>
        {
            if (!Store.Items[item].IsDeleted)
                DocList.Add(ref transaction.AddedDocs, fresh);
            DocList.Add(ref transaction.RemovedDocs, old);
        });
    }
}
