namespace CoEdit.Server;

/// <summary>An opaque message that a client of the Hocuspocus protocol sent beside the document (<c>provider.sendStateless</c>).</summary>
/// <param name="Document">The document that it was sent in.</param>
/// <param name="User">Who sent it; null while everybody is let in.</param>
/// <param name="Connection">The sender's connection to this document, by which <see cref="IStatelessSender"/> can answer it alone.</param>
/// <param name="Payload">The text. Nothing about it has been checked.</param>
public sealed record StatelessMessage(string Document, string? User, long Connection, string Payload);
