namespace CoEdit.Crdt;

/// <summary>A map with a name among XML nodes, for things that an editor renders by itself.</summary>
public sealed class YXmlHook : YMap
{
    /// <summary>Creates a preliminary hook.</summary>
    public YXmlHook(string hookName)
    {
        ArgumentNullException.ThrowIfNull(hookName);
        HookName = hookName;
    }

    /// <summary>The hook's name.</summary>
    public string HookName { get; }

    internal override int TypeRef => XmlHookRef;

    internal override string NodeNameOrNull => HookName;

    /// <inheritdoc/>
    public override YXmlHook Clone() => (YXmlHook)base.Clone();
}
