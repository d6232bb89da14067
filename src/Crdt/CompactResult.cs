namespace CoEdit.Crdt;

/// <summary>What <see cref="UpdateStore.Compact"/> saved.</summary>
/// <param name="BytesBefore">Bytes of stored structs before.</param>
/// <param name="BytesAfter">Bytes of stored structs afterwards.</param>
/// <param name="StructsBefore">Stored structs before.</param>
/// <param name="StructsAfter">Stored structs afterwards; can be more, because live text is split around deleted text.</param>
public readonly record struct CompactResult(long BytesBefore, long BytesAfter, int StructsBefore, int StructsAfter);
