namespace CoEdit.Crdt;

/// <summary>A document nests deeper than <see cref="YDocOptions.MaxDepth"/> allows it to be read as a whole.</summary>
public sealed class DepthLimitException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DepthLimitException()
        : base("The document nests deeper than the limit.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public DepthLimitException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public DepthLimitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
