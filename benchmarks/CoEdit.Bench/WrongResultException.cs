namespace CoEdit.Bench;

/// <summary>The measured code did something wrong, so its times mean nothing. Exit code 1.</summary>
internal sealed class WrongResultException(string message) : Exception(message);
