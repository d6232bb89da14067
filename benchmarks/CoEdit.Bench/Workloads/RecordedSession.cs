using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>B4 and T-*: a recorded session; one transaction of the document per recorded one.</summary>
internal sealed class RecordedSession : Session
{
    private readonly Recording _recording;
    private readonly Action<Transaction> _runPatches;
    private Replica? _replica;
    private Patch[] _patches = [];

    public RecordedSession(Recording recording)
    {
        _recording = recording;
        // Kept, because a lambda that captures would be allocated anew for every transaction and be counted as the document's.
        _runPatches = _ => RunPatches();
    }

    public override int Count => _recording.Transactions.Length;

    public override OperationKind Kind => OperationKind.InsertText;

    /// <remarks>A single insertion or deletion is a transaction without being wrapped in one.</remarks>
    public override void Run(Replica replica, int index)
    {
        Patch[] patches = _recording.Transactions[index];
        if (patches.Length == 1 && patches[0].Deleted == 0)
        {
            replica.Text.Insert(patches[0].Position, patches[0].Inserted);
        }
        else if (patches.Length == 1 && patches[0].Inserted.Length == 0)
        {
            replica.Text.Delete(patches[0].Position, patches[0].Deleted);
        }
        else
        {
            _replica = replica;
            _patches = patches;
            replica.Doc.Transact(_runPatches);
        }
    }

    public override bool IsIn(Replica replica) => replica.Text.ToString() == _recording.EndContent;

    private void RunPatches()
    {
        YText text = _replica!.Text;
        foreach (Patch patch in _patches)
        {
            if (patch.Deleted > 0)
                text.Delete(patch.Position, patch.Deleted);
            if (patch.Inserted.Length > 0)
                text.Insert(patch.Position, patch.Inserted);
        }
    }
}
