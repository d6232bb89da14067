namespace CoEdit.Crdt;

/// <content>Changes of a text that is not part of a document yet.</content>
public partial class YText
{
    private List<DeferredTextChange>? _preliminary = [];

    internal override void CheckContent(ref ContentCheck check)
    {
        DeferredTextCheck text = default;
        foreach (DeferredTextChange change in _preliminary!)
            text.Add(ref check, change);
    }

    internal override IEnumerator<int>? WriteContent(Transaction transaction)
    {
        if (_preliminary is not { } changes)
            return null;
        _preliminary = null;
        return changes.Count == 0 ? null : WriteContent(transaction, changes);
    }

    private IEnumerator<int> WriteContent(Transaction transaction, List<DeferredTextChange> changes)
    {
        foreach (DeferredTextChange change in changes)
        {
            bool isEmbed = change.What == DeferredTextChange.Kind.Embed;
            if (isEmbed || change.What == DeferredTextChange.Kind.Delta)
            {
                TextPosition position = Store.FindPosition(transaction, Handle, change.Index);
                IReadOnlyList<YDeltaOp> delta = isEmbed ? [new YDeltaOp { Insert = change.Value, Attributes = change.Attributes }] : change.Delta;
                for (int i = 0; i < delta.Count; i++)
                {
                    bool dropLineBreak = !isEmbed && !change.Sanitize && i == delta.Count - 1;
                    if (!TryOpenInsertion(transaction, position, delta[i], dropLineBreak, out FormatMap? negated))
                        continue;
                    yield return position.Right;
                    Store.CloseInsertion(transaction, Handle, position, negated);
                }
            }
            else if (change.What == DeferredTextChange.Kind.SetAttribute)
            {
                yield return Store.NewKey(transaction, Handle, change.Text, change.Value);
            }
            else
            {
                Write(transaction, change);
            }
        }
    }

    // Changes that cannot bring in a type.
    private void Write(Transaction transaction, in DeferredTextChange change)
    {
        switch (change.What)
        {
            case DeferredTextChange.Kind.Insert when change.Text.Length > 0:
                Store.InsertString(transaction, Handle, change.Index, change.Text, change.Attributes);
                break;
            case DeferredTextChange.Kind.Delete when change.Length > 0:
                Store.DeleteText(transaction, Handle, change.Index, change.Length);
                break;
            case DeferredTextChange.Kind.Format when change.Length > 0:
                Store.Format(transaction, Handle, change.Index, change.Length, change.Attributes!);
                break;
            case DeferredTextChange.Kind.RemoveAttribute:
                Store.DeleteKey(transaction, Handle, change.Text);
                break;
        }
    }

    private void Defer(in DeferredTextChange change)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(change.Index);
        ArgumentOutOfRangeException.ThrowIfNegative(change.Length);
        _preliminary!.Add(change);
    }
}
