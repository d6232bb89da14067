namespace CoEdit.Bench;

/// <summary>What an <see cref="Operation"/> does.</summary>
internal enum OperationKind
{
    InsertText,
    DeleteText,
    InsertArray,
    SetMap,
}
