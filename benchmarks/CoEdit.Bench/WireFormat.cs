namespace CoEdit.Bench;

/// <summary>The two update formats of Yjs.</summary>
internal enum WireFormat
{
    V1,
    V2,
}
