namespace CoEdit.Crdt;

/// <summary>A unit by the index of its client.</summary>
internal readonly record struct ClockPoint(int Client, int Clock);

/// <summary>Consecutive units by the index of their client.</summary>
internal record struct ClockRun(int Client, int Clock, int Length)
{
    public readonly int End => Clock + Length;
}
