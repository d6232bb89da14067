using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>One edit of a synthetic workload.</summary>
/// <param name="Kind">What is done; the others count for the kinds that need them.</param>
/// <param name="Position">In UTF-16 units or elements.</param>
/// <param name="Length">How much is deleted.</param>
/// <param name="Text">What is inserted, or the key that is set.</param>
/// <param name="Values">What is inserted into the array; what is set is the only one of them.</param>
internal readonly record struct Operation(OperationKind Kind, int Position, int Length, string Text, YValue[] Values)
{
    public static Operation Insert(int position, string text) => new(OperationKind.InsertText, position, 0, text, []);

    public static Operation Delete(int position, int length) => new(OperationKind.DeleteText, position, length, "", []);

    public static Operation InsertValues(int position, params YValue[] values) => new(OperationKind.InsertArray, position, 0, "", values);

    public static Operation Set(string key, YValue value) => new(OperationKind.SetMap, 0, 0, key, [value]);
}
