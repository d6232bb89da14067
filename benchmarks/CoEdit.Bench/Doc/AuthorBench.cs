namespace CoEdit.Bench;

/// <summary>B1, B4 and T-*: one author types, another replica follows.</summary>
internal static class AuthorBench
{
    /// <summary>B1: the cold part includes the remote replica, and both replicas have a listener.</summary>
    public static byte[] RunOperations(DocRun run, Operation[] operations)
    {
        var session = new OperationSession(operations);
        run.Metrics["ops"] = operations.Length;

        // 1. Cold.
        var updates = new List<byte[]>();
        Replica author = run.Create(1, DocRun.Keep(updates));
        Replica reader = run.Create(2, Replica.Drop);
        Timing local = run.Time("local", () => session.Run(author));
        Timing remote = run.Time("remote", () => ApplyEach(reader, updates), collect: false);
        Timing check = Measure.Timed(() =>
        {
            session.Check(author, "author's");
            session.Check(reader, "other");
        });
        run.Metrics["timeMs"] = Measure.Round(local.Milliseconds + remote.Milliseconds + check.Milliseconds);
        byte[] state = run.EncodeAndLoad(author, loaded => session.Check(loaded, "loaded"));

        // 2. Again. B1.6 is one piece of input, say the crdt-benchmarks.
        byte[][] all = [.. updates];
        run.TimeOnly("localWarm", Typing(run, session, listen: true));
        LocalAgain(run, session);
        RemoteAgain(run, session, all, "remoteWarm", listen: true);
        run.Finish(author, state, session.Kind, all, divisor: operations.Length == 2 ? 1 : null);
        return state;
    }

    /// <summary>B4 and T-*: the cold part is typing alone; the updates of a second, warm pass are what the remote replica gets.</summary>
    public static byte[] RunRecording(DocRun run, Recording recording)
    {
        var session = new RecordedSession(recording);
        run.Metrics["txns"] = session.Count;
        run.Metrics["patches"] = recording.Transactions.Sum(patches => patches.Length);

        // 1. Cold, the updates are dropped.
        Replica author = run.Create(1, Replica.Drop);
        Measure.CollectGarbage();
        long heapBefore = GC.GetTotalMemory(forceFullCollection: true);
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        Timing local = run.Time("local", () => session.Run(author), collect: false);
        run.Metrics["localAllocatedBytes"] = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        Timing check = Measure.Timed(() => session.Check(author, "author's"));
        run.Metrics["timeMs"] = Measure.Round(local.Milliseconds + check.Milliseconds);
        Measure.CollectGarbage();
        run.Metrics["heapAfterLocal"] = GC.GetTotalMemory(forceFullCollection: true) - heapBefore;
        byte[] state = run.EncodeAndLoad(author, loaded => session.Check(loaded, "loaded"));

        // 2. Warm, the updates are kept.
        var updates = new List<byte[]>();
        Replica second = run.Create(1, DocRun.Keep(updates));
        run.TimeOnly("localWarm", () => session.Run(second));
        session.Check(second, "second");
        byte[][] all = [.. updates];
        LocalAgain(run, session);
        RemoteAgain(run, session, all, "remote", listen: false);
        run.Finish(author, state, session.Kind, all);
        return state;
    }

    private static void LocalAgain(DocRun run, Session session)
    {
        run.TimeOnly("localNoListener", Typing(run, session, listen: false));
        Replica inOne = run.Create(1, Replica.Drop);
        run.TimeOnly("localOneTxn", () => inOne.Doc.Transact(_ => session.Run(inOne)));
        session.Check(inOne, "one-transaction");
        run.Metrics["localSteadyMs"] = run.Measure.SteadyPasses(() =>
        {
            Replica replica = run.Create(1, Replica.Drop);
            return [Measure.Timed(() => session.Run(replica)).Milliseconds];
        })[0];
        run.CountLocalAllocations(session);
    }

    /// <param name="first">The name of the pass that applies one update after the other.</param>
    /// <param name="listen">Whether the remote replica has a listener, as it has in B1.</param>
    private static void RemoteAgain(DocRun run, Session session, byte[][] updates, string first, bool listen)
    {
        Replica Reader() => run.Create(2, listen ? Replica.Drop : null);
        Replica oneByOne = Reader();
        run.Time(first, () => oneByOne.ApplyEach(updates));
        session.Check(oneByOne, "remote");
        Replica inOne = Reader();
        run.TimeOnly("remoteBatch", () => inOne.ApplyAll(updates));
        session.Check(inOne, "remote one-transaction");
        run.Metrics["remoteSteadyMs"] = run.Measure.SteadyPasses(() =>
        {
            Replica replica = Reader();
            return [Measure.Timed(() => replica.ApplyEach(updates)).Milliseconds];
        })[0];
        run.CountRemoteAllocations(updates);
    }

    private static Action Typing(DocRun run, Session session, bool listen)
    {
        Replica replica = run.Create(1, listen ? Replica.Drop : null);
        return () => session.Run(replica);
    }

    private static void ApplyEach(Replica replica, List<byte[]> updates)
    {
        foreach (byte[] update in updates)
            replica.Apply(update);
    }
}
