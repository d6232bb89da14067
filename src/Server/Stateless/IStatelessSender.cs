namespace CoEdit.Server;

/// <summary>Sends stateless messages to the clients of a document that speak the Hocuspocus protocol.</summary>
public interface IStatelessSender
{
    /// <summary>
    /// Sends <paramref name="payload"/> to everybody in <paramref name="document"/>, or only to those that match <paramref name="user"/> and
    /// <paramref name="connection"/>. Such messages are not kept: who is away misses them, and so may a client that reads too slowly.
    /// </summary>
    /// <returns>To how many connections it went; 0 when the document is not open.</returns>
    Task<int> SendAsync(string document, string payload, string? user = null, long? connection = null, CancellationToken cancellationToken = default);
}
