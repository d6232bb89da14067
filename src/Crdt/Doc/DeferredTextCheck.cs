namespace CoEdit.Crdt;

/// <summary>Follows the length of a text through the changes that wait for it, so that a range outside of it is refused before anything is done.</summary>
/// <remarks>
/// Formatting at the very end of a text makes line breaks if invisible items follow there, and does nothing otherwise. From then on the length is
/// known as a range only, and an index has to be inside the shorter text.
/// </remarks>
internal struct DeferredTextCheck
{
    private long _shortest;
    private long _longest;
    private int _formats;

    public void Add(ref ContentCheck check, in DeferredTextChange change)
    {
        switch (change.What)
        {
            case DeferredTextChange.Kind.Insert:
                CheckRange(change.Index, 0);
                AddFormats(ref check, change.Attributes);
                Grow(ref check, change.Text.Length);
                break;
            case DeferredTextChange.Kind.Embed:
                CheckRange(change.Index, 0);
                AddFormats(ref check, change.Attributes);
                AddEmbed(ref check, change.Value);
                break;
            case DeferredTextChange.Kind.Delete:
                CheckRange(change.Index, change.Length);
                Shrink(change.Length);
                break;
            case DeferredTextChange.Kind.Format:
                CheckRange(change.Index, 0);
                AddFormats(ref check, change.Attributes);
                AddBehindEnd(ref check, change.Index, change.Length, atEnd: change.Index < _shortest);
                break;
            case DeferredTextChange.Kind.Delta:
                AddDelta(ref check, change.Delta);
                break;
            case DeferredTextChange.Kind.SetAttribute:
                check.Add(change.Value);
                break;
        }
    }

    /// <summary>Checks a delta for a text in a document.</summary>
    /// <param name="check">The check of the call.</param>
    /// <param name="delta">The steps.</param>
    /// <param name="length">Units of the text now.</param>
    /// <param name="formats">Names of formats it may have in effect.</param>
    public static void AddDelta(ref ContentCheck check, IReadOnlyList<YDeltaOp> delta, int length, int formats)
    {
        DeferredTextCheck text = new() { _shortest = length, _longest = length, _formats = formats };
        text.AddDelta(ref check, delta);
    }

    private void AddDelta(ref ContentCheck check, IReadOnlyList<YDeltaOp> delta)
    {
        long position = 0;
        foreach (YDeltaOp op in delta)
        {
            ArgumentNullException.ThrowIfNull(op);
            if (op.Delete > 0)
            {
                Shrink(op.Delete);
                continue;
            }

            if (op.Retain <= 0 && op.Insert.IsUndefined)
                continue;
            AddFormats(ref check, op.Attributes);
            if (op.Retain > 0)
            {
                AddBehindEnd(ref check, position, op.Retain, atEnd: true);
                position += op.Retain;
            }
            else if (op.Insert.Kind == YValueKind.String)
            {
                Grow(ref check, op.Insert.AsString().Length);
                position += op.Insert.AsString().Length;
            }
            else
            {
                AddEmbed(ref check, op.Insert);
                position++;
            }
        }
    }

    private void AddFormats(ref ContentCheck check, YObject? attributes)
    {
        check.AddFormats(attributes, _formats);
        _formats += attributes?.Count ?? 0;
    }

    private void AddEmbed(ref ContentCheck check, in YValue embed)
    {
        if (embed.Kind == YValueKind.String)
        {
            Grow(ref check, embed.AsString().Length);
            return;
        }

        check.AddEmbed(embed);
        _shortest++;
        _longest++;
    }

    private void Grow(ref ContentCheck check, int units)
    {
        check.AddUnits(units);
        _shortest += units;
        _longest += units;
    }

    private void Shrink(int units)
    {
        _shortest = Math.Max(0, _shortest - units);
        _longest = Math.Max(0, _longest - units);
    }

    private void AddBehindEnd(ref ContentCheck check, long index, long length, bool atEnd)
    {
        long more = index + length - _shortest;
        if (more <= 0)
            return;
        check.AddUnits(more);
        _longest = Math.Max(_longest, index + length);
        if (atEnd)
            _shortest = index + length;
    }

    private readonly void CheckRange(long index, long length) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index + length, _shortest, nameof(index));
}
