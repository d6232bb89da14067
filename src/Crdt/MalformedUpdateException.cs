namespace CoEdit.Crdt;

/// <summary>Bytes from outside that are not a legal Yjs update, state vector or lib0 value.</summary>
/// <remarks>Whoever throws it has changed nothing: every decoder in this library validates before it mutates.</remarks>
public sealed class MalformedUpdateException : FormatException
{
    /// <summary>Creates the exception without a message.</summary>
    public MalformedUpdateException()
    {
    }

    /// <summary>Creates the exception with a short English sentence that names the rule that was broken.</summary>
    public MalformedUpdateException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and the exception that caused it.</summary>
    public MalformedUpdateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
