namespace CoEdit.Crdt;

/// <summary>A well-formed update that a store or a document refuses because it would break a limit. The store or document is unchanged.</summary>
public sealed class UpdateLimitException : Exception
{
    /// <summary>Creates the exception for <see cref="UpdateLimit.DocumentBytes"/> without a message.</summary>
    public UpdateLimitException()
    {
    }

    /// <summary>Creates the exception for <see cref="UpdateLimit.DocumentBytes"/> with a message.</summary>
    public UpdateLimitException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception for <see cref="UpdateLimit.DocumentBytes"/> with a message and a cause.</summary>
    public UpdateLimitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for <paramref name="limit"/> with a short English sentence.</summary>
    public UpdateLimitException(UpdateLimit limit, string message)
        : base(message) => Limit = limit;

    /// <summary>Which limit. <see cref="UpdateLimit.Pending"/> may pass later; the others will not change by trying again.</summary>
    public UpdateLimit Limit { get; }
}
