namespace CoEdit.Crdt;

/// <summary>A text with formatting and embedded objects. Indices and lengths count UTF-16 units; an embedded object counts 1.</summary>
public class YText : YType
{
    private List<Action>? _preliminary;

    /// <summary>Creates a preliminary text.</summary>
    public YText(string text = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        _preliminary = [];
        if (text.Length > 0)
            _preliminary.Add(() => Insert(0, text));
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
            Defer((index, text), static (self, state) => self.Insert(state.index, state.text));
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
            Defer((index, text, attributes), static (self, state) => self.Insert(state.index, state.text, state.attributes));
        else
            Insert(index, text.AsSpan(), attributes);
    }

    /// <summary>Inserts an object or a shared type before an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is above the length.</exception>
    public void InsertEmbed(int index, YValue embed, YObject? attributes = null)
    {
        if (Doc is null)
        {
            Defer((index, embed, attributes), static (self, state) => self.InsertEmbed(state.index, state.embed, state.attributes));
            return;
        }

        CheckRange(index, 0);
        if (embed.IsUndefined || (embed.Kind == YValueKind.String && embed.AsString().Length == 0))
            throw new ArgumentException("There is nothing to insert.", nameof(embed));
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
            Defer((index, length), static (self, state) => self.Delete(state.index, state.length));
            return;
        }

        CheckRange(index, length);
        if (length == 0)
            return;
        Transaction transaction = BeginChange(out bool outermost);
        try
        {
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
            Defer((index, length, attributes), static (self, state) => self.Format(state.index, state.length, state.attributes));
            return;
        }

        CheckRange(index, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 0)
            return;
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
            Defer((delta, sanitize), static (self, state) => self.ApplyDelta(state.delta, state.sanitize));
            return;
        }

        Transaction transaction = BeginChange(out bool outermost);
        try
        {
            TextPosition position = Store.FindPosition(transaction, Handle, 0);
            for (int i = 0; i < delta.Count; i++)
                Apply(transaction, position, delta[i], dropLineBreak: !sanitize && i == delta.Count - 1);
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
            Defer((name, value), static (self, state) => self.SetAttribute(state.name, state.value));
            return;
        }

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
            Defer(name, static (self, state) => self.RemoveAttribute(state));
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

    internal override void OnIntegrated(Transaction transaction)
    {
        List<Action> preliminary = _preliminary!;
        _preliminary = null;
        foreach (Action change in preliminary)
            change();
    }

    // The closure is made here, not in the methods above: they would allocate it on every call.
    private void Defer<T>(T state, Action<YText, T> change) => _preliminary!.Add(() => change(this, state));

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

    private void Apply(Transaction transaction, TextPosition position, YDeltaOp op, bool dropLineBreak)
    {
        if (op.Delete > 0)
        {
            Store.DeleteAt(transaction, position, op.Delete);
        }
        else if (op.Retain > 0)
        {
            Store.FormatAt(transaction, Handle, position, op.Retain, op.Attributes ?? []);
        }
        else if (op.Insert.Kind == YValueKind.String)
        {
            ReadOnlySpan<char> text = op.Insert.AsString();
            if (dropLineBreak && position.Right == StructStore.None && text is [.., '\n'])
                text = text[..^1];
            if (!text.IsEmpty)
                Store.InsertAt(transaction, Handle, position, text, default, op.Attributes ?? []);
        }
        else if (!op.Insert.IsUndefined)
        {
            Store.InsertAt(transaction, Handle, position, default, op.Insert, op.Attributes ?? []);
        }
    }

    private void CheckRange(int index, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)index + length, Length, nameof(length));
    }
}
