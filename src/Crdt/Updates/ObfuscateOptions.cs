namespace CoEdit.Crdt;

/// <summary>What <see cref="YUpdate.ObfuscateUpdate"/> makes unreadable besides text and values.</summary>
public sealed class ObfuscateOptions
{
    /// <summary>Everything is obfuscated.</summary>
    public static ObfuscateOptions Default { get; } = new();

    /// <summary>Keys and values of text formatting. Default true.</summary>
    public bool Formatting { get; init; } = true;

    /// <summary>Guids and options of subdocuments. Default true.</summary>
    public bool Subdocuments { get; init; } = true;

    /// <summary>Names of XML elements and hooks. Default true.</summary>
    public bool Xml { get; init; } = true;
}
