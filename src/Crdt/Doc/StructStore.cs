using System.Runtime.CompilerServices;


namespace CoEdit.Crdt;

/// <summary>Every struct of one document with everything it refers to: items, clients, types, names, contents.</summary>
/// <remarks>
/// Owned by one <see cref="YDoc"/>, used inside its transactions only, hence without locks. Invariants: a client's structs lie in clock order
/// without gaps from 0 to its state; <c>items[items[h].Left].Right == h</c>; live strings next to each other in clocks are next to each other in
/// the client's text. A <c>ref</c> to an item or a type is never held over the creation of another.
/// </remarks>
internal sealed partial class StructStore
{
    public const int None = 0;

    /// <summary>First byte of an embed's content, last of a format's header: how the value behind it is written.</summary>
    public const byte EncodedAsJson = 0;
    public const byte EncodedAsAny = 1;

    /// <summary>A format's content: key id (4 bytes), encoding (1), value.</summary>
    public const int FormatHeader = 5;
    private const char ReplacementCharacter = '\uFFFD';

    // Merge candidates and the like never refer to handles: a handle dies when its item is joined to the left one.
    public readonly ItemPages Items = new();
    public readonly KeyTable Keys = new();
    public readonly ContentArena Arena = new();

    private readonly Dictionary<ulong, int> _clientIndex = new(ClientComparer.Instance);
    private readonly List<ClientStructs> _clients = [];
    private readonly Dictionary<int, int> _roots = [];
    private readonly List<int> _rootOrder = [];
    private Dictionary<int, YDoc>? _subdocs;
    private Dictionary<int, Id>? _redone;
    private List<AncestorCache>? _ancestorCaches;
    private TypeNode[] _types = new TypeNode[4];
    private int _typesUsed = 1;
    private int _freeType;
    private ulong _lastClientId = ulong.MaxValue;
    private int _lastClient = -1;
    private int _lastRoot;
    private int _lastRootKey = -1;

    public StructStore(YDoc doc) => Doc = doc;

    public YDoc Doc { get; }

    public int ClientCount => _clients.Count;

    public IReadOnlyList<int> RootTypes => _rootOrder;

    public ClientStructs Client(int index) => _clients[index];

    /// <summary>The client's index, which is made if it is new.</summary>
    public int InternClient(ulong id)
    {
        if (id == _lastClientId)
            return _lastClient;
        if (!_clientIndex.TryGetValue(id, out int index))
        {
            index = _clients.Count;
            if (index >= Math.Min(Item.MaxClients, Doc.MaxClients) && id != Doc.ClientId)
                throw new UpdateLimitException(UpdateLimit.Clients, "The document would have too many clients.");
            _clients.Add(new ClientStructs(id, index));
            _clientIndex.Add(id, index);
        }

        _lastClientId = id;
        return _lastClient = index;
    }

    public ClientStructs? FindClient(ulong id) => _clientIndex.TryGetValue(id, out int index) ? _clients[index] : null;

    /// <summary>Forgets the clients that a refused update has introduced.</summary>
    public void TruncateClients(int count)
    {
        for (int i = _clients.Count - 1; i >= count; i--)
        {
            _clientIndex.Remove(_clients[i].Id);
            _clients.RemoveAt(i);
        }

        _lastClientId = ulong.MaxValue;
        _sortedClients = 0;
    }

    public ref TypeNode Type(int type) => ref _types[type];

    public int NewType(int typeRef, int name, int owner)
    {
        int type = _freeType;
        if (type != None)
        {
            _freeType = _types[type].Start;
        }
        else
        {
            type = _typesUsed++;
            if (type == _types.Length)
                Array.Resize(ref _types, 2 * type);
        }

        _types[type] = new TypeNode { Ref = typeRef, Name = name, Owner = owner };
        return type;
    }

    /// <summary>The root type of a name, made untyped if nobody knows it yet.</summary>
    public int GetRoot(ReadOnlySpan<byte> name) => GetRoot(Keys.Intern(name));

    public int GetRoot(int key)
    {
        if (key == _lastRootKey)
            return _lastRoot;
        if (!_roots.TryGetValue(key, out int type))
        {
            type = NewType(TypeNode.Untyped, key, None);
            _roots.Add(key, type);
            _rootOrder.Add(type);
        }

        _lastRootKey = key;
        return _lastRoot = type;
    }

    public int FindRoot(string name)
    {
        int key = Keys.Find(name);
        return key >= 0 && _roots.TryGetValue(key, out int type) ? type : None;
    }

    public bool HasRoot(ReadOnlySpan<byte> name)
    {
        int key = Keys.Find(name);
        return key >= 0 && _roots.ContainsKey(key);
    }

    public bool IsTypeDeleted(int type)
    {
        int owner = _types[type].Owner;
        return owner != None && Items[owner].IsDeleted;
    }

    /// <summary>The type that holds a type, None for roots.</summary>
    public int HolderOf(int type)
    {
        int owner = _types[type].Owner;
        return owner == None ? None : Items[owner].Parent;
    }

    /// <summary>Makes a cache that forgets the types that are collected, until it is dropped.</summary>
    public AncestorCache NewAncestorCache(Predicate<int> isMarked)
    {
        AncestorCache cache = new(this, isMarked);
        (_ancestorCaches ??= []).Add(cache);
        return cache;
    }

    public void Drop(AncestorCache cache) => _ancestorCaches?.Remove(cache);

    public Id IdOf(in Item item) => new(_clients[item.Client].Id, (uint)item.Clock);

    public YDoc? Subdoc(int item) => _subdocs is not null && _subdocs.TryGetValue(item, out YDoc? doc) ? doc : null;

    public void SetSubdoc(int item, YDoc doc) => (_subdocs ??= [])[item] = doc;

    public bool TryGetRedone(int item, out Id redone)
    {
        redone = default;
        return Items[item].Has(Item.Redone) && _redone!.TryGetValue(item, out redone);
    }

    public void SetRedone(int item, Id redone)
    {
        (_redone ??= [])[item] = redone;
        Items[item].Set(Item.Redone);
    }

    /// <summary>The item or GC that holds a unit, which must be known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int client, int clock)
    {
        ClientStructs structs = _clients[client];
        return structs.HandleAt(structs.Find(clock));
    }

    /// <summary>The struct that ends with this unit; an item is cut behind it if need be.</summary>
    public int CleanEnd(Transaction transaction, int client, int clock)
    {
        ClientStructs structs = _clients[client];
        int position = structs.Find(clock);
        int handle = structs.HandleAt(position);
        ref Item item = ref Items[handle];
        if (clock != item.Last && !item.IsGc)
            Split(transaction, structs, position, handle, clock - item.Clock + 1);
        return handle;
    }

    /// <summary>The struct that begins with this unit; an item is cut in front of it if need be.</summary>
    public int CleanStart(Transaction transaction, int client, int clock)
    {
        ClientStructs structs = _clients[client];
        int position = structs.Find(clock);
        int handle = structs.HandleAt(position);
        ref Item item = ref Items[handle];
        if (item.Clock < clock && !item.IsGc)
            return Split(transaction, structs, position, handle, clock - item.Clock);
        return handle;
    }

    /// <summary>Cuts an item known by handle at a unit inside it. Returns the right part.</summary>
    public int SplitItem(Transaction transaction, int handle, int diff)
    {
        ref Item item = ref Items[handle];
        ClientStructs structs = _clients[item.Client];
        return Split(transaction, structs, structs.Find(item.Clock), handle, diff);
    }

    private int Split(Transaction transaction, ClientStructs structs, int position, int handle, int diff)
    {
        int rightHandle = Items.Allocate();
        ref Item left = ref Items[handle];
        ref Item right = ref Items[rightHandle];
        right = left;
        right.Clock = left.Clock + diff;
        right.Length = left.Length - diff;
        right.OriginClient = structs.Index;
        right.OriginClock = right.Clock - 1;
        right.Left = handle;
        left.Length = diff;
        left.Right = rightHandle;
        if (right.Right != None)
            Items[right.Right].Left = rightHandle;
        SplitContent(structs, ref left, ref right, diff);
        if (left.Has(Item.Redone) && _redone!.TryGetValue(handle, out Id redone))
            _redone[rightHandle] = redone with { Clock = redone.Clock + (uint)diff };
        structs.InsertAfter(position, right.Clock, rightHandle);
        transaction.MergeCandidates.Add(new ClockPoint(structs.Index, right.Clock));
        if (right.IsKeyed)
        {
            if (right.Right == None)
            {
                MapEntries map = _types[right.Parent].Map!;
                map[map.Find(right.Aux)].Current = rightHandle;
            }
        }
        else
        {
            _types[right.Parent].Index?.Split(handle, rightHandle);
        }

        return rightHandle;
    }

    private void SplitContent(ClientStructs structs, ref Item left, ref Item right, int diff)
    {
        switch (left.Kind)
        {
            case StructKind.String:
                right.Content = left.Content + diff;
                if (char.IsHighSurrogate(structs.Text[right.Content - 1]))
                {
                    structs.Text[right.Content - 1] = ReplacementCharacter;
                    structs.Text[right.Content] = ReplacementCharacter;
                }

                break;
            case StructKind.Any or StructKind.Json:
                right.Content = Arena.Split(left.Content, Arena.OffsetOf(left.Kind, left.Content, diff));
                break;
        }
    }

    /// <summary>Where the value of a number begins in the bytes of an Any or JSON content.</summary>
    public static int ValueOffset(StructKind kind, ReadOnlySpan<byte> values, int count)
    {
        Lib0Reader reader = new(values);
        if (kind == StructKind.Any)
        {
            AnyValue.Skip(ref reader, (ulong)count);
        }
        else
        {
            for (int i = 0; i < count; i++)
                reader.ReadVarBytes();
        }

        return reader.Position;
    }

    /// <summary>Frees what an item's content occupies. The item needs a new kind afterwards.</summary>
    private void ReleaseContent(int handle)
    {
        ref Item item = ref Items[handle];
        switch (item.Kind)
        {
            case StructKind.String:
                _clients[item.Client].Text.Release(item.Content, item.Length);
                break;
            case StructKind.Deleted or StructKind.Gc:
                break;
            case StructKind.Type:
                ReleaseType(item.Content);
                break;
            case StructKind.Doc:
                _subdocs?.Remove(handle);
                Arena.Free(item.Content);
                break;
            default:
                if (item.Kind == StructKind.Format)
                    _formatObjects?.Remove(handle);
                Arena.Free(item.Content);
                break;
        }

        item.Content = 0;
    }

    private void ReleaseType(int type)
    {
        ref TypeNode node = ref _types[type];
        node.Face?.Forget();
        for (int i = 0; i < (_ancestorCaches?.Count ?? 0); i++)
            _ancestorCaches![i].Forget(type);
        node = default;
        node.Start = _freeType;
        _freeType = type;
    }

    private void ForgetRedone(int handle) => _redone?.Remove(handle);

    /// <summary>Rewrites text and contents whose larger part is dead. Called at the end of a transaction.</summary>
    public void CompactContents(ClientStructs structs)
    {
        if (!structs.Text.WantsCompaction)
            return;
        TextBuffer compacted = new();
        for (int position = ClientStructs.FirstPosition; position >= 0; position = structs.Next(position))
        {
            ref Item item = ref Items[structs.HandleAt(position)];
            if (item.Kind == StructKind.String)
                item.Content = compacted.AppendFrom(structs.Text, item.Content, item.Length);
        }

        structs.Text.ReplaceBy(compacted);
    }

    public void CompactArena()
    {
        if (!Arena.WantsCompaction)
            return;
        ContentArena compacted = new();
        foreach (ClientStructs structs in _clients)
        {
            for (int position = structs.IsEmpty ? -1 : ClientStructs.FirstPosition; position >= 0; position = structs.Next(position))
            {
                ref Item item = ref Items[structs.HandleAt(position)];
                if (item.Kind is StructKind.Any or StructKind.Json or StructKind.Binary or StructKind.Embed or StructKind.Format or StructKind.Doc)
                    item.Content = compacted.Add(Arena.Get(item.Content));
            }
        }

        Arena.ReplaceBy(compacted);
    }
}
