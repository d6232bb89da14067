namespace CoEdit.Server;

/// <summary>What somebody may do with one document. Greater includes less.</summary>
public enum DocumentRights
{
    /// <summary>Nothing, not even know that it exists.</summary>
    None,

    /// <summary>Read it, and be seen in it.</summary>
    Read,

    /// <summary>Read and change it.</summary>
    Write,
}
