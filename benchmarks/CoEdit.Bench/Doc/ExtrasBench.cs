using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>X-*: functions on updates without a document, and updates in the worst order.</summary>
/// <remarks>
/// Both use the updates that the document makes while automerge-paper is typed. <c>peers/lib/extras.mjs</c> does the same.
/// </remarks>
internal static class ExtrasBench
{
    private const double TooLong = 10_000;
    private const double Repeatable = 1_000;

    private static readonly int[] Counts = [500, 1000, 2000, 4000, 8000, 16000];

    /// <summary>X-reverse: the first k updates, newest first. Every one but the last waits for its predecessor.</summary>
    public static byte[] RunReverse(DocRun run, Recording recording)
    {
        (_, byte[][] updates) = Type(run, recording, Counts[^1]);
        byte[] state = [];
        foreach (int count in Counts.Take(run.Measure.Inputs))
        {
            Replica Deliver()
            {
                Replica replica = run.Create(3, null);
                for (int i = count - 1; i >= 0; i--)
                    replica.Apply(updates[i]);
                return replica;
            }

            Replica? reversed = null;
            double milliseconds = Time(run, $"reverse{count}", () => reversed = Deliver());
            Replica straight = run.Create(2, null);
            straight.ApplyEach(updates[..count]);
            if (reversed!.Text.ToString() != straight.Text.ToString() || reversed.Doc.HasPending)
                throw new WrongResultException($"{count} updates in reverse give another text");
            state = reversed.Encode();
            if (milliseconds > TooLong)
                break;
            Repeat(run, $"reverse{count}", milliseconds, Deliver);
        }

        return state;
    }

    /// <summary>X-yjs: merging, comparing and converting updates.</summary>
    public static byte[] RunUpdateFunctions(DocRun run, Recording recording)
    {
        bool isV1 = run.Format == WireFormat.V1;
        (Replica author, byte[][] updates) = Type(run, recording, recording.Transactions.Length);
        byte[] whole = author.Encode();
        byte[] vector = Type(run, recording, recording.Transactions.Length / 2).Author.Doc.EncodeStateVector();
        foreach (int count in Counts.Take(run.Measure.Inputs))
        {
            ReadOnlyMemory<byte>[] first = [.. updates.Take(count).Select(update => new ReadOnlyMemory<byte>(update))];
            byte[] Merge() => isV1 ? YUpdate.MergeUpdates(first) : YUpdate.MergeUpdatesV2(first);
            byte[] merged = [];
            double milliseconds = Time(run, $"mergeUpdates{count}", () => merged = Merge());
            run.Metrics[$"mergeUpdates{count}Bytes"] = merged.Length;
            Replica one = run.Create(2, null);
            one.ApplyEach(updates[..count]);
            if (run.Load(merged).Text.ToString() != one.Text.ToString())
                throw new WrongResultException($"{count} merged updates give another text");
            if (milliseconds > TooLong)
                break;
            Repeat(run, $"mergeUpdates{count}", milliseconds, Merge);
        }

        var calls = new (string Name, Func<byte[]> Call)[]
        {
            ("diffUpdate", () => isV1 ? YUpdate.DiffUpdate(whole, vector) : YUpdate.DiffUpdateV2(whole, vector)),
            ("encodeDiffFromDoc", () => isV1 ? author.Doc.EncodeStateAsUpdate(vector) : author.Doc.EncodeStateAsUpdateV2(vector)),
            ("stateVectorFromUpdate",
                () => isV1 ? YUpdate.EncodeStateVectorFromUpdate(whole) : YUpdate.EncodeStateVectorFromUpdateV2(whole)),
            ("convert", () => isV1 ? YUpdate.ConvertV1ToV2(whole) : YUpdate.ConvertV2ToV1(whole)),
        };
        foreach ((string name, Func<byte[]> call) in calls)
        {
            byte[] result = [];
            Time(run, name, () => result = call());
            run.Metrics[name + "Bytes"] = result.Length;
            (run.Metrics[name + "WarmMs"], run.Metrics[name + "SteadyMs"]) = DocRun.Nodes(run.Measure.RepeatCall(call));
        }

        return whole;
    }

    private static (Replica Author, byte[][] Updates) Type(DocRun run, Recording recording, int count)
    {
        var updates = new List<byte[]>();
        Replica author = run.Create(1, DocRun.Keep(updates));
        var session = new RecordedSession(recording);
        for (int i = 0; i < count; i++)
            session.Run(author, i);
        return (author, [.. updates]);
    }

    private static double Time(DocRun run, string name, Action work)
    {
        run.TimeOnly(name, work);
        return (double)run.Metrics[name + "Ms"]!;
    }

    private static void Repeat<T>(DocRun run, string name, double milliseconds, Func<T> work)
    {
        if (milliseconds < Repeatable)
            (run.Metrics[name + "WarmMs"], run.Metrics[name + "SteadyMs"]) = DocRun.Nodes(run.Measure.RepeatLong(work));
    }
}
