namespace CoEdit.Persistence;

/// <summary>One commit, for whoever measures.</summary>
/// <param name="Updates">How many updates it made durable.</param>
/// <param name="Latency">For how long the oldest of them had waited since it was appended.</param>
/// <param name="Duration">How long writing took, repetitions included.</param>
public readonly record struct CommittedGroup(int Updates, TimeSpan Latency, TimeSpan Duration);
