using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>B1: every operation is a transaction. What they lead to is worked out without a CRDT.</summary>
internal sealed class OperationSession : Session
{
    private readonly Operation[] _operations;
    private readonly string _text;
    private readonly YValue[] _values;

    public OperationSession(Operation[] operations)
    {
        _operations = operations;
        var text = new List<char>();
        var values = new List<YValue>();
        foreach (Operation operation in operations)
        {
            if (operation.Kind == OperationKind.InsertText)
                text.InsertRange(operation.Position, operation.Text);
            else if (operation.Kind == OperationKind.DeleteText)
                text.RemoveRange(operation.Position, operation.Length);
            else
                values.InsertRange(operation.Position, operation.Values);
        }

        _text = new string([.. text]);
        _values = [.. values];
    }

    public override int Count => _operations.Length;

    public override OperationKind Kind => _operations[0].Kind;

    public override void Run(Replica replica, int index) => replica.Execute(in _operations[index]);

    public override bool IsIn(Replica replica) => Kind == OperationKind.InsertArray
        ? replica.Array.ToArray().AsSpan().SequenceEqual(_values)
        : replica.Text.ToString() == _text;
}
