namespace CoEdit.Load;

/// <summary>A server lost, doubled or garbled something, or gave up. Exit code 1.</summary>
internal sealed class WrongResultException(string message) : Exception(message);
