namespace CoEdit.Persistence;

/// <summary>The stored bytes of one document are damaged. Other documents are not concerned.</summary>
/// <remarks>The document must not be opened as if it were empty or shorter: nothing of it was handed out.</remarks>
public sealed class CorruptDocumentException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public CorruptDocumentException()
        : this("", 0, "A stored document is damaged.")
    {
    }

    /// <summary>Creates the exception with a message that names no document.</summary>
    public CorruptDocumentException(string message)
        : this("", 0, message)
    {
    }

    /// <summary>Creates the exception with a message that names no document and the exception that caused it.</summary>
    public CorruptDocumentException(string message, Exception innerException)
        : this("", 0, message, innerException)
    {
    }

    /// <summary>Creates the exception for one place in one document.</summary>
    /// <param name="name">The document.</param>
    /// <param name="sequence">The log row that is damaged or missing, or the last one that the damaged snapshot covers.</param>
    /// <param name="reason">What is wrong, as a sentence.</param>
    /// <param name="innerException">The error of the database, if it noticed the damage itself.</param>
    public CorruptDocumentException(string name, long sequence, string reason, Exception? innerException = null)
        : base(name.Length == 0 ? reason : $"Document \"{name}\" is damaged at sequence {sequence}: {reason}", innerException)
    {
        Name = name;
        Sequence = sequence;
    }

    /// <summary>The document.</summary>
    public string Name { get; }

    /// <summary>The log row that is damaged or missing, or the last one that the damaged snapshot covers.</summary>
    public long Sequence { get; }
}
