namespace CoEdit.Crdt;

/// <summary>Which clocks an update covers, client by client.</summary>
/// <param name="From">The first clock of each client.</param>
/// <param name="To">The clock behind its last struct, whether or not the update has holes (Skips) in between.</param>
public sealed record UpdateMeta(IReadOnlyDictionary<ulong, uint> From, IReadOnlyDictionary<ulong, uint> To);
