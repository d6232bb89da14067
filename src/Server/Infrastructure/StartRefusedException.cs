namespace CoEdit.Server;

/// <summary>The server must not start like this; the message is one sentence for the operator.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);
