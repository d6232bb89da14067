using System.Text;

namespace CoEdit.Crdt;

/// <summary>The change of a text by one transaction as a delta, formatting included, without changing the text.</summary>
/// <remarks>One pass over a text with formatting, for what is in effect at a place depends on all marks before it; else over the changed runs.</remarks>
internal sealed class TextEventDelta
{
    private readonly StructStore _store;
    private readonly YEvent _event;
    private readonly List<YDeltaOp> _ops = [];
    private readonly StringBuilder _text = new();
    private readonly FormatMap _current = new();
    private readonly FormatMap _old = new();
    private readonly FormatMap _attributes = new();
    private Step _step;
    private int _retain;
    private int _delete;

    private TextEventDelta(YEvent changes, StructStore store)
    {
        _event = changes;
        _store = store;
    }

    private enum Step
    {
        None,
        Insert,
        Retain,
        Delete,
    }

    /// <summary>Reads the delta of an event while its observers run. Looking at the whole list, for tests, gives the same.</summary>
    public static List<YDeltaOp> Read(YEvent changes, StructStore store, int type, bool whole = false)
    {
        TextEventDelta delta = new(changes, store);
        if (!whole && !store.Type(type).HasFormatting && ChangedRuns.TryFind(changes, store, type, out ChangedRuns runs))
        {
            delta.Add(runs);
        }
        else
        {
            for (int handle = store.Type(type).Start; handle != StructStore.None; handle = store.Items[handle].Right)
                delta.Add(handle);
        }

        delta.Flush();
        List<YDeltaOp> ops = delta._ops;
        while (ops.Count > 0 && ops[^1] is { Retain: > 0, Attributes: null })
            ops.RemoveAt(ops.Count - 1);
        return ops;
    }

    private void Add(in ChangedRuns runs)
    {
        int behind = 0;
        foreach ((int index, int first) in runs.Runs)
        {
            if (index > behind)
            {
                Go(Step.Retain);
                _retain += index - behind;
            }

            behind = index;
            for (int handle = first; handle != StructStore.None && runs.Contains(handle); handle = _store.Items[handle].Right)
            {
                Add(handle);
                behind += _store.Items[handle].VisibleLength;
            }
        }
    }

    private void Add(int handle)
    {
        ref Item item = ref _store.Items[handle];
        bool adds = _event.Adds(item);
        bool deletes = _event.Deletes(item);
        switch (item.Kind)
        {
            case StructKind.Type or StructKind.Embed or StructKind.String:
                AddContent(handle, adds, deletes);
                break;
            case StructKind.Format:
                AddFormat(handle, adds, deletes);
                break;
        }
    }

    private void AddContent(int handle, bool adds, bool deletes)
    {
        ref Item item = ref _store.Items[handle];
        bool isText = item.Kind == StructKind.String;
        if (adds)
        {
            if (deletes)
                return;
            if (isText)
            {
                Go(Step.Insert);
                TypeReader.AppendText(_store, _text, handle);
                return;
            }

            Flush();
            _ops.Add(new YDeltaOp { Insert = _store.ValueAt(handle, 0), Attributes = TypeReader.Attributes(_store, _current) });
        }
        else if (deletes)
        {
            Go(Step.Delete);
            _delete += item.Length;
        }
        else if (!item.IsDeleted)
        {
            Go(Step.Retain);
            _retain += item.Length;
        }
    }

    private void AddFormat(int handle, bool adds, bool deletes)
    {
        int key = _store.FormatKey(handle);
        YValue value = _store.FormatValue(handle);
        bool redundant = false;
        if (adds)
        {
            if (!deletes)
                redundant = AddNewFormat(key, value);
        }
        else if (deletes)
        {
            _old.Set(key, value);
            YValue current = _current.Get(key);
            if (!current.EqualsAsAttribute(value))
            {
                FlushRetain();
                _attributes.Set(key, current);
            }
        }
        else if (!_store.Items[handle].IsDeleted)
        {
            redundant = AddOldFormat(key, value);
        }

        // Yjs deletes a redundant mark here, as a side effect; it is passed over instead.
        if (_store.Items[handle].IsDeleted || redundant)
            return;
        if (_step == Step.Insert)
            Flush();
        _current.Pass(key, value);
    }

    private bool AddNewFormat(int key, in YValue value)
    {
        if (_current.Get(key).EqualsAsAttribute(value))
            return !value.IsNull;
        FlushRetain();
        if (value.EqualsAsAttribute(_old.Get(key)))
            _attributes.Remove(key);
        else
            _attributes.Set(key, value);
        return false;
    }

    private bool AddOldFormat(int key, in YValue value)
    {
        _old.Set(key, value);
        if (!_attributes.TryGet(key, out YValue attribute))
            return false;
        if (attribute.EqualsAsAttribute(value))
            return !attribute.IsNull;
        FlushRetain();
        if (value.IsNull)
            _attributes.Remove(key);
        else
            _attributes.Set(key, value);
        return false;
    }

    private void FlushRetain()
    {
        if (_step == Step.Retain)
            Flush();
    }

    private void Go(Step step)
    {
        if (_step == step)
            return;
        Flush();
        _step = step;
    }

    private void Flush()
    {
        switch (_step)
        {
            case Step.Delete when _delete > 0:
                _ops.Add(new YDeltaOp { Delete = _delete });
                break;
            case Step.Insert:
                TypeReader.Flush(_store, _ops, _text, _current);
                break;
            case Step.Retain when _retain > 0:
                _ops.Add(new YDeltaOp { Retain = _retain, Attributes = TypeReader.Attributes(_store, _attributes) });
                break;
        }

        _retain = _delete = 0;
        _step = Step.None;
    }
}
