namespace CoEdit.Load;

/// <summary>One thing that is measured on every server.</summary>
internal abstract class Scenario
{
    public abstract string Name { get; }

    /// <summary>What is done, in one line for the results.</summary>
    public abstract string Describe(Sizes sizes);

    public abstract IReadOnlyList<Column> Columns { get; }

    /// <summary>True when the scenario stops and starts the server, so that one that runs already will not do.</summary>
    public virtual bool Restarts => false;

    public virtual bool CanRun(ServerKind kind) => true;

    /// <exception cref="WrongResultException">The server did something wrong.</exception>
    public abstract IReadOnlyDictionary<string, double> Run(ServerProcess server, Sizes sizes);
}
