namespace CoEdit.Crdt;

/// <summary>The two encodings of an update.</summary>
internal enum UpdateFormat : byte
{
    /// <summary>One stream; what the sync protocol carries.</summary>
    V1,

    /// <summary>Columns; what some stores keep.</summary>
    V2,
}
