namespace CoEdit.Protocol;

/// <summary>What a room has to send after <see cref="AwarenessTable.Apply"/>, in this order. Byte arrays are awareness updates without frame.</summary>
/// <param name="Relay">The accepted entries, encoded from the table, for every peer of the room, the sender included; or null.</param>
/// <param name="NudgeSender">For the sender only: its own state removed, which makes it announce itself anew; or null.</param>
/// <param name="NudgeOthers">
/// True when every peer but the sender should be sent its own <see cref="AwarenessTable.EncodeHomeRemoval"/>, so that a client that came back
/// sees them at once.
/// </param>
public readonly record struct AwarenessEffects(byte[]? Relay, byte[]? NudgeSender, bool NudgeOthers);
