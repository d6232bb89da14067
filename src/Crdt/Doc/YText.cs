namespace CoEdit.Crdt;

/// <summary>A text with formatting and embedded objects. Indices and lengths count UTF-16 units; an embedded object counts 1.</summary>
public partial class YText : YType
{
    /// <summary>Creates a preliminary text.</summary>
    public YText(string text = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > 0)
            Defer(new(DeferredTextChange.Kind.Insert) { Text = text });
    }

    /// <summary>Units of the text; 0 while it is preliminary.</summary>
    public int Length => Doc is null ? 0 : Store.Type(Handle).Length;

    internal override int TypeRef => TextRef;

    /// <summary>Inserts text before an index, with the formatting that is in effect there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    public void Insert(int index, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Doc is null)
            Defer(new(DeferredTextChange.Kind.Insert, index) { Text = text });
        else
            Insert(index, text.AsSpan());
    }

    /// <summary>Inserts text before an index, with the formatting that is in effect there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    public void Insert(int index, ReadOnlySpan<char> text) => Insert(index, text, null);

    /// <summary>Inserts text before an index, with exactly these attributes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    public void Insert(int index, string text, YObject? attributes)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Doc is null)
            Defer(new(DeferredTextChange.Kind.Insert, index) { Text = text, Attributes = attributes });
        else
            Insert(index, text.AsSpan(), attributes);
    }

    /// <summary>Inserts an object or a shared type before an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    /// <exception cref="ArgumentException">
    /// The value or an attribute is nothing that JSON can hold (a 64-bit integer, a document), or a shared type that is in use already.
    /// </exception>
    public void InsertEmbed(int index, YValue embed, YObject? attributes = null)
    {
        if (embed.IsUndefined || (embed.Kind == YValueKind.String && embed.AsString().Length == 0))
            throw new ArgumentException("There is nothing to insert.", nameof(embed));
        if (Doc is null)
        {
            Defer(new(DeferredTextChange.Kind.Embed, index) { Value = embed, Attributes = attributes });
            return;
        }

        CheckRange(index, 0);
        ContentCheck check = default;
        check.AddEmbed(embed);
        check.AddUnits(embed.Kind == YValueKind.String ? embed.AsString().Length : 0);
        CheckFormats(ref check, attributes);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.InsertEmbed(transaction, Handle, index, embed, attributes);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Deletes units.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the text.</exception>
    public void Delete(int index, int length)
    {
        if (Doc is null)
        {
            Defer(new(DeferredTextChange.Kind.Delete, index, length));
            return;
        }

        CheckRange(index, length);
        if (length == 0)
            return;
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            transaction.IsSettled = outermost && Doc.MaySettle(transaction) && Store.TryDeleteEnd(transaction, Handle, index, length);
            if (!transaction.IsSettled)
                Store.DeleteText(transaction, Handle, index, length);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Gives units attributes; a null value takes one away.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    public void Format(int index, int length, YObject attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (Doc is null)
        {
            Defer(new(DeferredTextChange.Kind.Format, index, length) { Attributes = attributes });
            return;
        }

        CheckRange(index, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
            return;
        ContentCheck check = default;
        check.AddUnits(length);
        CheckFormats(ref check, attributes);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.Format(transaction, Handle, index, length, attributes);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Applies a delta from the start of the text.</summary>
    /// <param name="delta">Its steps.</param>
    /// <param name="sanitize">False drops a line break at the end of the last insertion, which Quill's documents always have.</param>
    public void ApplyDelta(IReadOnlyList<YDeltaOp> delta, bool sanitize = true)
    {
        ArgumentNullException.ThrowIfNull(delta);
        if (Doc is null)
        {
            Defer(new(DeferredTextChange.Kind.Delta) { Delta = delta, Sanitize = sanitize });
            return;
        }

        ContentCheck check = default;
        DeferredTextCheck.AddDelta(ref check, delta, Length, Store.Type(Handle).HasFormatting ? Store.Keys.Count : 0);
        check.Finish(Store);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            TextPosition position = Store.FindPosition(transaction, Handle, 0);
            for (int i = 0; i < delta.Count; i++)
            {
                if (TryOpenInsertion(transaction, position, delta[i], dropLineBreak: !sanitize && i == delta.Count - 1, out FormatMap? negated))
                {
                    Store.WriteContent(transaction, position.Right);
                    Store.CloseInsertion(transaction, Handle, position, negated);
                }
            }
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>The text with its formatting as insertions.</summary>
    public IReadOnlyList<YDeltaOp> ToDelta() => Doc is null ? [] : TypeReader.ToDelta(Store, Handle);

    /// <summary>The text at a snapshot, or at two with what changed between them marked by the attribute <c>ychange</c>.</summary>
    /// <param name="snapshot">The later state; null for the present one.</param>
    /// <param name="previous">The earlier state, whose text is shown too where it was removed since.</param>
    /// <param name="describeChange">Makes the value of <c>ychange</c>; by default <c>{type: "added"}</c> or <c>{type: "removed"}</c>.</param>
    /// <remarks>Removed text is there only if the document keeps deleted content (<see cref="YDocOptions.Gc"/>).</remarks>
    public IReadOnlyList<YDeltaOp> ToDelta(Snapshot? snapshot, Snapshot? previous = null, Func<YChangeKind, Id, YValue>? describeChange = null)
    {
        if (Doc is null || (snapshot is null && previous is null))
            return ToDelta();
        Transaction transaction = Doc.Begin("cleanup", local: true, out bool outermost);
        try
        {
            if (snapshot is not null)
                Store.CutAt(transaction, snapshot);
            if (previous is not null)
                Store.CutAt(transaction, previous);
            return SnapshotDelta.Read(Store, Handle, snapshot, previous, describeChange);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Sets an attribute of the text itself, which has nothing to do with formatting.</summary>
    public void SetAttribute(string name, YValue value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Doc is null)
        {
            Defer(new(DeferredTextChange.Kind.SetAttribute) { Text = name, Value = value });
            return;
        }

        ContentCheck.Value(Store, value);
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.SetKey(transaction, Handle, name, value);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>Removes an attribute of the text itself, if it is there.</summary>
    public void RemoveAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Doc is null)
        {
            Defer(new(DeferredTextChange.Kind.RemoveAttribute) { Text = name });
            return;
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.DeleteKey(transaction, Handle, name);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    /// <summary>An attribute of the text itself; undefined when it is absent.</summary>
    public YValue GetAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Doc is not null && Store.TryGetKey(Handle, name, out YValue value) ? value : YValue.Undefined;
    }

    /// <summary>All attributes of the text itself.</summary>
    public YObject GetAttributes() => Doc is null ? [] : [.. Store.ReadKeys(Handle)];

    /// <inheritdoc/>
    public override YText Clone() => (YText)base.Clone();

    /// <summary>The text without formatting and embedded objects.</summary>
    public override string ToString() => Doc is null ? "" : TypeReader.ToText(Store, Handle);

    private void Insert(int index, ReadOnlySpan<char> text, YObject? attributes)
    {
        if (Doc is null)
        {
            Insert(index, text.ToString(), attributes);
            return;
        }

        CheckRange(index, 0);
        if (text.IsEmpty)
            return;
        if (attributes is not null || Store.Type(Handle).HasFormatting)
        {
            ContentCheck check = default;
            check.AddUnits(text.Length);
            CheckFormats(ref check, attributes);
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            Store.InsertString(transaction, Handle, index, text, attributes);
        }
        finally
        {
            Doc.End(transaction, outermost);
        }
    }

    // True when something was inserted: the caller closes the insertion.
    private bool TryOpenInsertion(Transaction transaction, TextPosition position, YDeltaOp op, bool dropLineBreak, out FormatMap? negated)
    {
        negated = null;
        YObject attributes = op.Attributes ?? [];
        if (op.Delete > 0)
        {
            Store.DeleteAt(transaction, position, op.Delete);
            return false;
        }

        if (op.Retain > 0)
        {
            Store.FormatAt(transaction, Handle, position, op.Retain, attributes);
            return false;
        }

        if (op.Insert.Kind != YValueKind.String)
        {
            if (!op.Insert.IsUndefined)
                negated = Store.OpenInsertion(transaction, Handle, position, default, op.Insert, attributes);
            return !op.Insert.IsUndefined;
        }

        ReadOnlySpan<char> text = op.Insert.AsString();
        if (dropLineBreak && position.Right == StructStore.None && text is [.., '\n'])
            text = text[..^1];
        if (text.IsEmpty)
            return false;
        negated = Store.OpenInsertion(transaction, Handle, position, text, default, attributes);
        return true;
    }

    private void CheckFormats(ref ContentCheck check, YObject? attributes)
    {
        check.AddFormats(attributes, Store.Type(Handle).HasFormatting ? Store.Keys.Count : 0);
        check.Finish(Store);
    }

    private void CheckRange(int index, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)index + length, Length, nameof(length));
    }
}
