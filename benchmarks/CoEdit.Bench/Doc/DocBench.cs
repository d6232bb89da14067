using System.Diagnostics;
using System.Security.Cryptography;

namespace CoEdit.Bench;

/// <summary>Measures the integrated document.</summary>
internal static class DocBench
{
    public static Report Run(Options options, Workspace workspace)
    {
        var run = new DocRun(options.Format, options.Quick ? Measure.Quick : Measure.Full);
        byte[] input = InputDump.Of(options.Bench, options.Format, workspace);
        run.Metrics["inputSha256"] = Convert.ToHexStringLower(SHA256.HashData(input));
        byte[] state = RunBench(run, options.Bench, workspace);
        using (var self = Process.GetCurrentProcess())
            run.Metrics["maxRss"] = self.PeakWorkingSet64;
        if (!Catalog.IsExtra(options.Bench))
            run.Metrics["memUsed"] = RetainedMemory.MeasureInOwnProcess(state, options);
        if (options.SaveFile is { } saveFile)
            File.WriteAllBytes(saveFile, state);
        return new Report(options, CheckedBy: null, run.Metrics);
    }

    /// <returns>The document's state as one update.</returns>
    private static byte[] RunBench(DocRun run, string id, Workspace workspace)
    {
        if (Workload.Ids.Contains(id))
        {
            var workload = Workload.Make(id);
            return workload.Kind switch
            {
                "B1" => AuthorBench.RunOperations(run, workload.Operations),
                "B2" => ApartBench.Run(run, workload),
                _ => CrowdBench.Run(run, workload.Operations),
            };
        }

        if (id == SixClients.Id)
            return SixClientsBench.Run(run);
        if (Catalog.IsConcurrent(id))
        {
            byte[][] updates = ReplayInput.LoadRecorded(id, run.Format, workspace).Updates;
            return ConcurrentBench.Run(run, updates, Expectation.Load(id, workspace));
        }

        var recording = Recording.Load(id, workspace);
        return id switch
        {
            "X-reverse" => ExtrasBench.RunReverse(run, recording),
            "X-yjs" => ExtrasBench.RunUpdateFunctions(run, recording),
            _ => AuthorBench.RunRecording(run, recording),
        };
    }
}
