namespace CoEdit.Load;

/// <summary>The program was called wrongly, or something that it needs is not there. Exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
