namespace CoEdit.Persistence;

/// <summary>
/// The storage can't do what was asked: at start because of the database file, later because of the disk. The message is one
/// sentence for the person who runs the server.
/// </summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public StorageException()
    {
    }

    /// <summary>Creates the exception with the sentence to show.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the sentence to show and the exception that caused it.</summary>
    public StorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
