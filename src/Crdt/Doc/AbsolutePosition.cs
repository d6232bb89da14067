namespace CoEdit.Crdt;

/// <summary>Where a <see cref="RelativePosition"/> lies now.</summary>
/// <param name="Type">The text or list.</param>
/// <param name="Index">The index in it.</param>
/// <param name="Assoc">As in the relative position.</param>
public sealed record AbsolutePosition(YType Type, int Index, int Assoc);
