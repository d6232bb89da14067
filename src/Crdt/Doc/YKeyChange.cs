namespace CoEdit.Crdt;

/// <summary>How a transaction changed a key of a map, or an attribute.</summary>
/// <param name="Action">What happened.</param>
/// <param name="OldValue">The value before; undefined for a new key.</param>
public readonly record struct YKeyChange(YKeyAction Action, YValue OldValue);
