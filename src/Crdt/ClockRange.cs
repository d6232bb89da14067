namespace CoEdit.Crdt;

/// <summary>Consecutive units of one client.</summary>
/// <param name="Client">The author.</param>
/// <param name="Start">The first clock.</param>
/// <param name="End">The clock after the last one.</param>
public readonly record struct ClockRange(ulong Client, uint Start, uint End);
