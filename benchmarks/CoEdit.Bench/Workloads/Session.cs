namespace CoEdit.Bench;

/// <summary>What one author does, transaction by transaction, and what that must lead to.</summary>
internal abstract class Session
{
    /// <summary>How many transactions there are.</summary>
    public abstract int Count { get; }

    /// <summary>The root that is edited.</summary>
    public abstract OperationKind Kind { get; }

    /// <summary>Runs one transaction.</summary>
    public abstract void Run(Replica replica, int index);

    /// <summary>True if the replica holds exactly what was typed.</summary>
    public abstract bool IsIn(Replica replica);

    public void Run(Replica replica)
    {
        for (int i = 0; i < Count; i++)
            Run(replica, i);
    }

    public void Check(Replica replica, string what)
    {
        if (!IsIn(replica))
            throw new WrongResultException($"the {what} document does not hold what was typed");
    }
}
