namespace CoEdit.Crdt;

/// <summary>
/// A well-formed update that says something else about an id than the store knows: two authors use one client id, or somebody forged it. The
/// store is unchanged.
/// </summary>
/// <remarks>
/// Only thrown with <see cref="UpdateStoreOptions.DetectForks"/>, and only for a proved difference. The document that sent it can never agree
/// with this one again; trying again does not help. The sender need not be the one who caused it: whoever has taken in forged structs
/// passes them on.
/// </remarks>
public sealed class ForkedUpdateException : Exception
{
    /// <summary>Creates the exception without a message.</summary>
    public ForkedUpdateException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public ForkedUpdateException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public ForkedUpdateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one unit with a short English sentence that names what differs.</summary>
    public ForkedUpdateException(ulong client, uint clock, string message)
        : base(message)
    {
        Client = client;
        Clock = clock;
    }

    /// <summary>The author whose structs differ.</summary>
    public ulong Client { get; }

    /// <summary>The author's first unit that differs.</summary>
    public uint Clock { get; }
}
