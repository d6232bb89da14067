namespace CoEdit.Bench;

/// <summary>B3: many replicas make one change each; the first two get all the updates in one transaction, the second is timed.</summary>
internal static class CrowdBench
{
    public static byte[] Run(DocRun run, Operation[] operations)
    {
        OperationKind kind = operations[0].Kind;
        run.Metrics["ops"] = operations.Length;
        var updates = new List<byte[]>();
        Replica[] replicas = [.. operations.Select((_, i) => run.Create(i, DocRun.Keep(updates)))];
        run.Time("local", () =>
        {
            for (int i = 0; i < operations.Length; i++)
                replicas[i].Execute(in operations[i]);
        });
        byte[][] own = [.. updates];
        if (own.Length != operations.Length)
            throw new WrongResultException($"{operations.Length} changes made {own.Length} updates");

        replicas[0].ApplyAll(own);
        Timing remote = run.Time("remote", () => replicas[1].ApplyAll(own));
        string state = "";
        Timing check = Measure.Timed(() =>
        {
            state = replicas[0].ReadState(kind);
            Check(replicas[1], kind, state, "second");
        });
        run.Metrics["timeMs"] = Measure.Round(remote.Milliseconds + check.Milliseconds);
        byte[] bytes = run.EncodeAndLoad(replicas[0], loaded => Check(loaded, kind, state, "loaded"));

        run.Metrics["remoteSteadyMs"] = run.Measure.SteadyCalls(() =>
        {
            Replica replica = run.Create(5000, Replica.Drop);
            return [Measure.Timed(() => replica.ApplyAll(own)).Milliseconds];
        })[0];
        run.Finish(replicas[0], bytes, kind, own);
        return bytes;
    }

    private static void Check(Replica replica, OperationKind kind, string state, string what)
    {
        if (replica.ReadState(kind) != state)
            throw new WrongResultException($"the {what} document says something else than the first");
    }
}
