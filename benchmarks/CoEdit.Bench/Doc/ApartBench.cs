namespace CoEdit.Bench;

/// <summary>B2: two replicas with the same text edit apart, each in one transaction, and exchange one update each.</summary>
internal static class ApartBench
{
    private sealed record Exchange(Replica First, Replica Second, byte[][] Updates, Timing Local, Timing Remote);

    public static byte[] Run(DocRun run, Workload workload)
    {
        run.Metrics["ops"] = workload.Operations.Length + workload.OthersOperations.Length;
        Exchange cold = MakeExchange(run, workload);
        run.Metrics["localMs"] = cold.Local.Milliseconds;
        run.Metrics["localCpuMs"] = cold.Local.CpuMilliseconds;
        run.Metrics["remoteMs"] = cold.Remote.Milliseconds;
        run.Metrics["remoteCpuMs"] = cold.Remote.CpuMilliseconds;
        string text = "";
        Timing check = Measure.Timed(() =>
        {
            text = cold.First.Text.ToString();
            Check(cold.Second, text, "second");
        });
        run.Metrics["timeMs"] = Measure.Round(cold.Local.Milliseconds + cold.Remote.Milliseconds + check.Milliseconds);
        byte[] state = run.EncodeAndLoad(cold.First, loaded => Check(loaded, text, "loaded"));

        double[] steady = run.Measure.SteadyPasses(() =>
        {
            Exchange again = MakeExchange(run, workload);
            return [again.Local.Milliseconds, again.Remote.Milliseconds];
        });
        run.Metrics["localSteadyMs"] = steady[0];
        run.Metrics["remoteSteadyMs"] = steady[1];
        run.Finish(cold.First, state, OperationKind.InsertText, cold.Updates);
        return state;
    }

    private static Exchange MakeExchange(DocRun run, Workload workload)
    {
        byte[] latest = [];
        Replica first = run.Create(1, (update, _) => latest = update.ToArray());
        Replica second = run.Create(2, (update, _) => latest = update.ToArray());
        first.Text.Insert(0, workload.Initial);
        second.Apply(latest);
        Measure.CollectGarbage();
        byte[][] updates = new byte[2][];
        Timing local = Measure.Timed(() =>
        {
            Edit(first, workload.Operations);
            updates[0] = latest;
            Edit(second, workload.OthersOperations);
            updates[1] = latest;
        });
        Timing remote = Measure.Timed(() =>
        {
            first.Apply(updates[1]);
            second.Apply(updates[0]);
        });
        return new Exchange(first, second, updates, local, remote);
    }

    private static void Edit(Replica replica, Operation[] operations) => replica.Doc.Transact(_ =>
    {
        foreach (Operation operation in operations)
            replica.Execute(in operation);
    });

    private static void Check(Replica replica, string text, string what)
    {
        if (replica.Text.ToString() != text)
            throw new WrongResultException($"the {what} document holds another text than the first");
    }
}
