namespace CoEdit.Crdt;

/// <summary>What happened to a key.</summary>
public enum YKeyAction
{
    /// <summary>The key is new.</summary>
    Add,

    /// <summary>The key has another value.</summary>
    Update,

    /// <summary>The key is gone.</summary>
    Delete,
}
