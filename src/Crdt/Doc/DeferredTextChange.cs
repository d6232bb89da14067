namespace CoEdit.Crdt;

/// <summary>A change of a text that waits until the text is part of a document.</summary>
internal readonly record struct DeferredTextChange(DeferredTextChange.Kind What, int Index = 0, int Length = 0)
{
    public enum Kind
    {
        Insert,
        Embed,
        Delete,
        Format,
        Delta,
        SetAttribute,
        RemoveAttribute,
    }

    /// <summary>The text of an insertion, the name of an attribute.</summary>
    public string Text { get; init; } = "";

    /// <summary>An embed, or the value of an attribute.</summary>
    public YValue Value { get; init; }

    public YObject? Attributes { get; init; }

    public IReadOnlyList<YDeltaOp> Delta { get; init; } = [];

    /// <summary>See <see cref="YText.ApplyDelta"/>.</summary>
    public bool Sanitize { get; init; }
}
