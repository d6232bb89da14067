using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>Replays a recording into the update store: one <see cref="UpdateStore.Apply"/> per update, as a room does it.</summary>
internal static class StoreBench
{
    public static Report Run(Options options, Workspace workspace)
    {
        ReplayInput input = ReplayInput.Load(options, workspace);
        byte[][] updates = input.Updates;
        Measure measure = options.Quick ? Measure.Quick : Measure.Full;
        JsonObject metrics = new()
        {
            ["inputSha256"] = input.Sha256,
            ["updates"] = updates.Length,
            ["updateBytes"] = input.TotalBytes,
            ["avgUpdateSize"] = Measure.Round((double)input.TotalBytes / Math.Max(1, updates.Length)),
        };

        // 1. Cold: what the first document of a fresh process costs, the compilation of the code included.
        Measure.CollectGarbage();
        long heapBefore = GC.GetTotalMemory(forceFullCollection: true);
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        metrics["remoteColdMs"] = Measure.Round(Measure.Timed(() => Replay(updates), out UpdateStore store));
        metrics["allocatedBytes"] = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        metrics["storedBytes"] = store.StoredBytes;
        metrics["structs"] = store.StructCount;
        metrics["memAfterRemote"] = GC.GetTotalMemory(forceFullCollection: true) - heapBefore;
        Measure.CollectGarbage();
        metrics["encodeMs"] = Measure.Round(Measure.Timed(store.EncodeState, out byte[] state));
        metrics["docBytes"] = state.Length;
        metrics["docSha256"] = Convert.ToHexStringLower(SHA256.HashData(state));
        Measure.CollectGarbage();
        metrics["loadMs"] = Measure.Round(Measure.Timed(() => Load(state), out UpdateStore loaded));
        if (options.SaveFile is { } saveFile)
            File.WriteAllBytes(saveFile, state);

        // 2. The same again, often.
        (metrics["remoteWarmMs"], metrics["remoteMs"]) = Nodes(measure.RepeatPass(() => Replay(updates)));
        (metrics["encodeWarmMs"], metrics["encodeSteadyMs"]) = Nodes(measure.RepeatCall(store.EncodeState));
        (_, metrics["copySteadyMs"]) = Nodes(measure.RepeatCall(() => state.AsSpan().ToArray()));
        (metrics["loadWarmMs"], metrics["loadSteadyMs"]) = Nodes(measure.RepeatCall(() => Load(state)));

        // 3. What every Apply allocates, and what an update costs that is known already.
        CountAllocations(updates, metrics);
        (metrics["knownWarmMs"], metrics["knownSteadyMs"]) = Nodes(measure.RepeatPass(() => CountNovel(store, updates)));
        allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        int novel = CountNovel(store, updates);
        metrics["knownAllocatedBytes"] = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;

        // 4. Dropping deleted content, of the store as it grew by the updates.
        UpdateStore compacted = Replay(updates);
        metrics["compactMs"] = Measure.Round(Measure.Timed(compacted.Compact, out CompactResult compaction));
        metrics["compactBytesBefore"] = compaction.BytesBefore;
        metrics["compactBytesAfter"] = compaction.BytesAfter;
        metrics["compactStructsBefore"] = compaction.StructsBefore;
        metrics["compactStructsAfter"] = compaction.StructsAfter;
        (metrics["compactWarmMs"], metrics["compactSteadyMs"]) = Nodes(measure.RepeatCall(() => Load(state), fresh => fresh.Compact()));
        byte[] compactedState = compacted.EncodeState();
        metrics["compactDocBytes"] = compactedState.Length;

        metrics["maxRss"] = PeakResidentBytes();
        metrics["memUsed"] = RetainedMemory.MeasureInOwnProcess(state, options);

        // 5. All of it means something only if the results are right.
        Expectation expected = Expectation.Load(options.Bench, workspace);
        if (novel != 0)
            throw new WrongResultException($"{novel} of the updates were called new when they came a second time");
        CheckStore("replayed", store, state, expected);
        CheckStore("loaded", loaded, state, expected);
        CheckStore("compacted", compacted, compactedState, expected);
        CheckStore("compacted and loaded", Load(compactedState), compactedState, expected);
        string? checkedBy = CheckTexts(workspace, expected, metrics, state, compactedState);
        return new Report(options, checkedBy, metrics);
    }

    private static UpdateStore Replay(byte[][] updates)
    {
        var store = new UpdateStore();
        foreach (byte[] update in updates)
            store.Apply(update);
        return store;
    }

    private static UpdateStore Load(byte[] state)
    {
        var store = new UpdateStore();
        store.Apply(state, UpdateSource.Trusted);
        return store;
    }

    private static int CountNovel(UpdateStore store, byte[][] updates)
    {
        int novel = 0;
        foreach (byte[] update in updates)
        {
            if (store.Apply(update).Outcome != ApplyOutcome.Nothing)
                novel++;
        }

        return novel;
    }

    private static void CountAllocations(byte[][] updates, JsonObject metrics)
    {
        var store = new UpdateStore();
        int allocating = 0;
        long total = 0;
        long largest = 0;
        foreach (byte[] update in updates)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            store.Apply(update);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            allocating += allocated == 0 ? 0 : 1;
            total += allocated;
            largest = Math.Max(largest, allocated);
        }

        metrics["allocatingUpdates"] = allocating;
        metrics["allocatedPerUpdate"] = Measure.Round((double)total / Math.Max(1, updates.Length));
        metrics["largestAllocation"] = largest;
    }

    private static void CheckStore(string what, UpdateStore store, byte[] state, Expectation expected)
    {
        if (store.HasPending)
            throw new WrongResultException($"the {what} store has parked structs, although nothing was missing");
        expected.CheckStateVector(store.GetStateVector());
        if (!store.EncodeState().AsSpan().SequenceEqual(state))
            throw new WrongResultException($"the {what} store does not encode the state that it was made from");
    }

    /// <summary>The store cannot say what text it holds; Yjs can.</summary>
    /// <returns>Who said so. Null where Node or Yjs is missing: then nothing is checked here, and the report says so.</returns>
    private static string? CheckTexts(Workspace workspace, Expectation expected, JsonObject metrics, byte[] state, byte[] compactedState)
    {
        string by;
        PeerScripts.Description[] found;
        try
        {
            (by, found) = PeerScripts.Describe(workspace, state, compactedState);
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"The text of the result is NOT checked. {e.Message}");
            return null;
        }

        foreach (PeerScripts.Description document in found)
        {
            if (document.Pending || document.TextSha256 != expected.TextSha256 || document.TextLength != expected.TextLength)
                throw new WrongResultException($"Yjs finds in the state: {document}, expected the text {expected.TextSha256}");
        }

        if (found[1].SnapshotSha256 != found[0].SnapshotSha256)
            throw new WrongResultException("compaction changed the state vector or the deletions that Yjs finds in the state");
        metrics["textSha256"] = found[0].TextSha256;
        metrics["textLength"] = found[0].TextLength;
        metrics["snapshotSha256"] = found[0].SnapshotSha256;
        return by;
    }

    private static (JsonNode Warm, JsonNode Steady) Nodes((double Warm, double Steady) times) => (times.Warm, times.Steady);

    private static long PeakResidentBytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
