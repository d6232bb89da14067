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

    /// <summary>The text with its formats as tags: sorted by name, nothing escaped.</summary>
    public override string ToString() => Doc is null ? "" : TypeReader.ToXml(Store, Handle);
}
