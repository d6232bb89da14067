namespace CoEdit.Crdt;

/// <summary>What <see cref="UpdateStore.Apply"/> did with an update.</summary>
/// <param name="Outcome">How much of it was new.</param>
/// <param name="NovelBytes">
/// Roughly how many bytes of the update were new (struct bytes and delete ranges, without section headers); 0 for
/// <see cref="ApplyOutcome.Nothing"/>. Compare it with the update's length to decide whether relaying only the new part pays.
/// </param>
/// <param name="Parked">True when structs of this update were parked because something they refer to has not arrived.</param>
public readonly record struct ApplyResult(ApplyOutcome Outcome, int NovelBytes, bool Parked);
