using System.Security.Cryptography;
using System.Text;

namespace CoEdit.Bench;

/// <summary>C-*: the updates that several concurrent authors made, in causal order, into one fresh replica.</summary>
internal static class ConcurrentBench
{
    public static byte[] Run(DocRun run, byte[][] updates, Expectation expected)
    {
        void Check(Replica replica)
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(replica.Text.ToString())));
            if (hash != expected.TextSha256)
                throw new WrongResultException($"the text is {hash}, expected is {expected.TextSha256}");
        }

        Replica reader = run.Create(5000, null);
        Timing remote = run.Time("remote", () => reader.ApplyEach(updates));
        Timing check = Measure.Timed(() => Check(reader));
        run.Metrics["timeMs"] = Measure.Round(remote.Milliseconds + check.Milliseconds);
        expected.CheckStateVector(reader.Doc.GetStateVector());
        if (reader.Doc.HasPending)
            throw new WrongResultException("the document waits for updates, although nothing was missing");
        byte[] state = run.EncodeAndLoad(reader, Check);

        Replica second = run.Create(5000, null);
        run.TimeOnly("remoteWarm", () => second.ApplyEach(updates));
        Check(second);
        Replica inOne = run.Create(5000, null);
        run.TimeOnly("remoteBatch", () => inOne.ApplyAll(updates));
        Check(inOne);
        run.Metrics["remoteSteadyMs"] = run.Measure.SteadyPasses(() =>
        {
            Replica replica = run.Create(5000, null);
            return [Measure.Timed(() => replica.ApplyEach(updates)).Milliseconds];
        })[0];
        run.CountRemoteAllocations(updates);
        run.Finish(reader, state, OperationKind.InsertText, updates);
        return state;
    }
}
