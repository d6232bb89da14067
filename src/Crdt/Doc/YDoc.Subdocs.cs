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
        foreach (YDoc added in transaction.AddedDocs ?? [])
        {
            added._clientId = _clientId;
            added.CollectionId ??= CollectionId;
            _subdocs.Add(added);
        }

        foreach (YDoc removed in transaction.RemovedDocs ?? [])
            _subdocs.Remove(removed);
        SubdocsChanged?.Invoke(
            new SubdocsEvent(transaction.AddedDocs ?? [], transaction.RemovedDocs ?? [], transaction.LoadedDocs ?? []), transaction);
        foreach (YDoc removed in transaction.RemovedDocs ?? [])
            removed.Destroy();
    }

    /// <summary>
    /// Ends the use of the document: its subdocuments are destroyed and <see cref="Destroyed"/> is raised. A subdocument is replaced in its parent
    /// by a fresh one that is not loaded.
    /// </summary>
    public void Destroy()
    {
        IsDestroyed = true;
        foreach (YDoc subdoc in _subdocs.ToArray())
            subdoc.Destroy();
        if (_parent is { } parent)
        {
            _parent = null;
            if (ReferenceEquals(parent.Store.Subdoc(_item), this))
                parent.ReplaceSubdoc(this, _item);
        }

        Destroyed?.Invoke(this);
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
                Transaction.AddOnce(ref transaction.AddedDocs, fresh);
            Transaction.AddOnce(ref transaction.RemovedDocs, old);
        });
    }
}
