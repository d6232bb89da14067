namespace CoEdit.Protocol;

/// <summary>What a room has to send after <see cref="AwarenessTable.Apply"/>, in this order.</summary>
/// <remarks>Byte arrays are awareness updates, still to be wrapped in a frame.</remarks>
/// <param name="Relay">The accepted entries, encoded from the table, for every peer of the room, the sender included; or null.</param>
/// <param name="NudgeSender">For the sender only: its own state removed, which makes it announce itself anew; or null.</param>
/// <param name="NudgeOthers">
/// True when every peer but the sender is to be sent its own <see cref="AwarenessTable.EncodeHomeRemoval"/> (where that is not null), so
/// that a client that came back sees them at once.
/// </param>
public readonly record struct AwarenessEffects(byte[]? Relay, byte[]? NudgeSender, bool NudgeOthers);
