using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>One document with the roots that all workloads use, speaking one of the two formats.</summary>
internal sealed class Replica
{
    private readonly WireFormat _format;

    /// <param name="number">Fixes the client id, so that sizes can be repeated; the ids are as large as random ones.</param>
    /// <param name="format">Of the updates that come and go.</param>
    /// <param name="onUpdate">Gets every update; valid during the call only. Null: nobody listens, and no update is encoded.</param>
    public Replica(int number, WireFormat format, Action<ReadOnlyMemory<byte>, Transaction>? onUpdate)
    {
        _format = format;
        Doc = new YDoc(new YDocOptions { ClientId = 2_000_000_001 + (ulong)number });
        if (format == WireFormat.V1)
            Doc.Updated += onUpdate;
        else
            Doc.UpdatedV2 += onUpdate;
        Text = Doc.GetText("text");
        Array = Doc.GetArray("array");
        Map = Doc.GetMap("map");
    }

    public YDoc Doc { get; }

    public YText Text { get; }

    public YArray Array { get; }

    public YMap Map { get; }

    public static Replica Load(byte[] state, WireFormat format)
    {
        var replica = new Replica(9999, format, null);
        replica.Apply(state);
        return replica;
    }

    /// <summary>A listener that does nothing with the update.</summary>
    public static void Drop(ReadOnlyMemory<byte> update, Transaction transaction)
    {
    }

    public void Execute(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.InsertText:
                Text.Insert(operation.Position, operation.Text);
                break;
            case OperationKind.DeleteText:
                Text.Delete(operation.Position, operation.Length);
                break;
            case OperationKind.InsertArray:
                Array.Insert(operation.Position, operation.Values);
                break;
            default:
                Map.Set(operation.Text, operation.Values[0]);
                break;
        }
    }

    public void Apply(byte[] update)
    {
        if (_format == WireFormat.V1)
            Doc.ApplyUpdate(update);
        else
            Doc.ApplyUpdateV2(update);
    }

    public void ApplyEach(byte[][] updates)
    {
        foreach (byte[] update in updates)
            Apply(update);
    }

    /// <summary>All of them in one transaction.</summary>
    public void ApplyAll(byte[][] updates) => Doc.Transact(_ => ApplyEach(updates));

    public byte[] Encode() => _format == WireFormat.V1 ? Doc.EncodeStateAsUpdate() : Doc.EncodeStateAsUpdateV2();

    /// <summary>What the root says on which operations of that kind work: the text itself, or the JSON of the array or the map.</summary>
    public string ReadState(OperationKind kind) => kind switch
    {
        OperationKind.InsertText or OperationKind.DeleteText => Text.ToString(),
        OperationKind.InsertArray => JavaScriptJson.Write(YValue.FromArray(Array.ToArray())),
        _ => JavaScriptJson.Write(Map.ToJson()),
    };
}
