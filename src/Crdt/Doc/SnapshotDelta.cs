using System.Text;

namespace CoEdit.Crdt;

/// <summary>A text as it was at a snapshot, or with the differences between two marked by the attribute <c>ychange</c>.</summary>
internal sealed class SnapshotDelta
{
    private const string Change = "ychange";

    private readonly StructStore _store;
    private readonly Snapshot? _snapshot;
    private readonly Snapshot? _previous;
    private readonly Func<YChangeKind, Id, YValue>? _describe;
    private readonly List<YDeltaOp> _ops = [];
    private readonly StringBuilder _text = new();
    private readonly FormatMap _formats = new();
    private readonly int _change;

    private SnapshotDelta(StructStore store, Snapshot? snapshot, Snapshot? previous, Func<YChangeKind, Id, YValue>? describe)
    {
        _store = store;
        _snapshot = snapshot;
        _previous = previous;
        _describe = describe;
        _change = store.Keys.Intern(Change);
    }

    /// <summary>The structs are cut at the borders of both snapshots.</summary>
    public static List<YDeltaOp> Read(StructStore store, int type, Snapshot? snapshot, Snapshot? previous, Func<YChangeKind, Id, YValue>? describe)
    {
        SnapshotDelta delta = new(store, snapshot, previous, describe);
        for (int handle = store.Type(type).Start; handle != StructStore.None; handle = store.Items[handle].Right)
            delta.Add(handle);
        delta.Flush();
        return delta._ops;
    }

    private void Add(int handle)
    {
        ref Item item = ref _store.Items[handle];
        Id id = _store.IdOf(item);
        bool now = IsVisible(item, id, _snapshot);
        bool before = _previous is not null && _previous.Shows(id);
        if (!now && !before)
            return;
        switch (item.Kind)
        {
            case StructKind.String:
                MarkChange(id, now, before);
                TypeReader.AppendText(_store, _text, handle);
                break;
            case StructKind.Type or StructKind.Embed:
                Flush();
                _ops.Add(new YDeltaOp { Insert = _store.ValueAt(handle, 0), Attributes = TypeReader.Attributes(_store, _formats) });
                break;
            case StructKind.Format when now:
                Flush();
                _formats.Pass(_store.FormatKey(handle), _store.FormatValue(handle));
                break;
        }
    }

    private void MarkChange(Id id, bool now, bool before)
    {
        bool marked = _formats.TryGet(_change, out YValue current);
        if (_snapshot is not null && !now)
            Mark(id, YChangeKind.Removed, marked, current);
        else if (_previous is not null && !before)
            Mark(id, YChangeKind.Added, marked, current);
        else if (marked)
        {
            Flush();
            _formats.Remove(_change);
        }
    }

    // Runs of one author's changes share a mark, if the mark names the author.
    private void Mark(Id id, YChangeKind kind, bool marked, YValue current)
    {
        string name = kind == YChangeKind.Removed ? "removed" : "added";
        if (marked && current.Kind == YValueKind.Object
            && current.AsObject().TryGetValue("user", out YValue user) && user == YValue.FromDouble(id.Client)
            && current.AsObject().TryGetValue("type", out YValue type) && type == (YValue)name)
        {
            return;
        }

        Flush();
        _formats.Set(_change, _describe is null ? new YObject { ["type"] = name } : _describe(kind, id));
    }

    private void Flush() => TypeReader.Flush(_store, _ops, _text, _formats);

    private static bool IsVisible(in Item item, Id id, Snapshot? snapshot) => snapshot is null ? !item.IsDeleted : snapshot.Shows(id);
}
