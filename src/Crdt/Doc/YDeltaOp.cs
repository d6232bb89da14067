namespace CoEdit.Crdt;

/// <summary>One step of a rich text delta: insert something, keep some units, or delete some.</summary>
public sealed record YDeltaOp
{
    /// <summary>What is inserted: a text, an embedded object or a shared type. Undefined in other steps.</summary>
    public YValue Insert { get; init; }

    /// <summary>How many units stay, and get <see cref="Attributes"/>. 0 in other steps.</summary>
    public int Retain { get; init; }

    /// <summary>How many units are deleted. 0 in other steps.</summary>
    public int Delete { get; init; }

    /// <summary>Formatting of the units, or null without any. A null value takes a format away.</summary>
    public YObject? Attributes { get; init; }

    /// <summary>The step as the object that Quill and Yjs use.</summary>
    public YValue ToJson()
    {
        YObject op = [];
        if (Retain > 0)
            op["retain"] = Retain;
        else if (Delete > 0)
            op["delete"] = Delete;
        else
            op["insert"] = Insert;
        if (Attributes is not null)
            op["attributes"] = Attributes;
        return op;
    }
}
