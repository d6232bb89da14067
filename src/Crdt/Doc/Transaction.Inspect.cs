namespace CoEdit.Crdt;

/// <summary>What a transaction has done, for its handlers. Everything is computed when asked for.</summary>
public sealed partial class Transaction
{
    /// <summary>What the transaction has deleted so far.</summary>
    public IdSet DeleteSet
    {
        get
        {
            List<ClockRange> ranges = [];
            foreach (ref readonly ClockRun run in Deletes.Items)
                ranges.Add(new ClockRange(Doc.Store.Client(run.Client).Id, (uint)run.Clock, (uint)run.End));
            return IdSet.Of(ranges);
        }
    }

    /// <summary>The document's state vector when the transaction began.</summary>
    public StateVector BeforeState => StateAt(ClockBefore);

    /// <summary>The document's state vector when the transaction's own changes were made; the present one until then.</summary>
    public StateVector AfterState => StateAt(structs => Doc.ClockAfter(this, structs));

    /// <summary>The types whose text, list, keys or attributes were changed and that existed before.</summary>
    public IReadOnlyList<YType> Changed
    {
        get
        {
            List<YType> types = [];
            foreach (int type in ChangedTypes.Items)
            {
                if (Doc.Store.Type(type).Ref != TypeNode.Untyped)
                    types.Add(Doc.Store.Face(type));
            }

            return types;
        }
    }

    /// <summary>The changed types that still exist, and all types that hold one of them.</summary>
    public IReadOnlyList<YType> ChangedParentTypes
    {
        get
        {
            StructStore store = Doc.Store;
            OrderedDictionary<int, YType> types = [];
            foreach (int changed in ChangedTypes.Items)
            {
                if (store.IsTypeDeleted(changed))
                    continue;
                int type = changed;
                while (type != StructStore.None && !types.ContainsKey(type))
                {
                    if (store.Type(type).Ref != TypeNode.Untyped)
                        types.Add(type, store.Face(type));
                    int owner = store.Type(type).Owner;
                    type = owner == StructStore.None ? StructStore.None : store.Items[owner].Parent;
                }
            }

            return [.. types.Values];
        }
    }

    /// <summary>The subdocuments that the transaction has added.</summary>
    public IReadOnlyCollection<YDoc> SubdocsAdded => DocList.Copy(AddedDocs);

    /// <summary>The subdocuments that the transaction has removed.</summary>
    public IReadOnlyCollection<YDoc> SubdocsRemoved => DocList.Copy(RemovedDocs);

    /// <summary>The subdocuments whose content has been asked for in the transaction.</summary>
    public IReadOnlyCollection<YDoc> SubdocsLoaded => DocList.Copy(LoadedDocs);

    private StateVector StateAt(Func<ClientStructs, int> clock)
    {
        StateVector state = new();
        for (int i = 0; i < Doc.Store.ClientCount; i++)
        {
            ClientStructs structs = Doc.Store.Client(i);
            if (clock(structs) is var known and > 0)
                state[structs.Id] = (uint)known;
        }

        return state;
    }
}
