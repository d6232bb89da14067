namespace CoEdit.Crdt;

/// <summary>A text among XML nodes.</summary>
public sealed class YXmlText : YText
{
    /// <summary>Creates a preliminary text.</summary>
    public YXmlText(string text = "")
        : base(text)
    {
    }

    internal override int TypeRef => XmlTextRef;

    /// <summary>The node behind this one, or null.</summary>
    public YType? NextSibling => Sibling(next: true);

    /// <summary>The node in front of this one, or null.</summary>
    public YType? PreviousSibling => Sibling(next: false);

    /// <inheritdoc/>
    public override YXmlText Clone() => (YXmlText)base.Clone();

    /// <summary>The text with its formats as tags: sorted by name, nothing escaped.</summary>
    public override string ToString() => Doc is null ? "" : TypeReader.ToXml(Store, Handle);
}
