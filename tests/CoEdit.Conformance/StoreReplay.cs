using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEdit.Crdt;

namespace CoEdit.Conformance;

/// <summary>Feeds a scenario to an <see cref="UpdateStore"/> and asks real Yjs about everything the store puts out.</summary>
internal sealed class StoreReplay(Scenario scenario, Judge judge)
{
    private readonly List<string> _differences = [];
    private byte[] _stateVector = [];

    public async Task<List<string>> RunAsync()
    {
        UpdateStore store = new();
        List<byte[]> relayed = [];
        for (int i = 0; i < scenario.Updates.Length; i++)
        {
            ApplyResult result = store.Apply(scenario.Updates[i]);
            if (result.Outcome == ApplyOutcome.Nothing && scenario.Emitted[i])
                Report($"updates[{i}]: nothing new for the store, but Yjs emitted an update");
            if (store.HasPending != scenario.PendingAfter[i] && !await YjsIsStuckAsync(store, i))
                Report($"pendingAfter[{i}]: {store.HasPending}, Yjs {scenario.PendingAfter[i]}");
            if (result.Outcome != ApplyOutcome.Nothing)
                relayed.Add(Write(store.EncodeNovelPart));
        }

        // What Yjs makes of the same facts when it gets them at once: for rich text now and then something else (see the corpus' README).
        Verdict merged = await judge.AskAsync(scenario.Gc, [scenario.MergedV1]);
        _stateVector = scenario.PendingAfter[^1] && !merged.Pending ? merged.StateVector : scenario.StateVector;
        if (!store.EncodeStateVector().AsSpan().SequenceEqual(_stateVector))
            Report("stateVector");
        byte[] state = store.EncodeState();
        Verdict whole = await CheckAsync("state", [state], merged);
        if (!whole.Snapshot.AsSpan().SequenceEqual(merged.Snapshot))
            Report("state: the delete set differs");
        UpdateStore downstream = new();
        foreach (byte[] part in relayed)
            downstream.Apply(part);
        await CheckAsync("novel parts in a store", [downstream.EncodeState()], merged);
        bool stuck = scenario.PendingAfter[^1] && !merged.Pending;
        if (!stuck)
            await CheckAsync("novel parts", relayed, merged);
        await CheckDiffsAsync(store, state);
        await CheckPiecesAsync(store);
        CheckReload(state);
        await CheckCompactedAsync(store, merged);
        return _differences;
    }

    // Yjs re-tries what it has parked only when certain clients advance, and now and then holds back for ever what it could apply. It is
    // right to be ahead of it then: a fresh replica that gets everything at once must agree.
    private async Task<bool> YjsIsStuckAsync(UpdateStore store, int delivered)
    {
        if (!scenario.PendingAfter[delivered])
            return false;
        Verdict fresh = await judge.AskAsync(scenario.Gc, [store.EncodeState()]);
        return !fresh.Pending && fresh.StateVector.AsSpan().SequenceEqual(store.EncodeStateVector());
    }

    private async Task CheckDiffsAsync(UpdateStore store, byte[] state)
    {
        for (int i = 0; i < scenario.Diffs.Length; i++)
        {
            DiffCase diff = scenario.Diffs[i];
            Verdict reference = await judge.AskAsync(scenario.Gc, [scenario.MergedV1, diff.DiffOfMerged], diff.StateVector);
            await CheckAsync($"diffs[{i}]", [scenario.MergedV1, store.EncodeDiff(diff.StateVector)], reference, diff.StateVector);

            UpdateStore behind = new();
            behind.Apply(state);
            if (behind.Apply(store.EncodeDiff(diff.StateVector)).Outcome != ApplyOutcome.Nothing)
                Report($"diffs[{i}]: not a part of the state");
        }
    }

    private async Task CheckCompactedAsync(UpdateStore store, Verdict merged)
    {
        CompactResult result = store.Compact();
        byte[] compacted = store.EncodeState();
        Verdict verdict = await CheckAsync("compacted state", [compacted], merged);
        if (!verdict.Snapshot.AsSpan().SequenceEqual(merged.Snapshot))
            Report("compacted state: the delete set differs");
        CheckReload(compacted);
        if (store.Compact().BytesAfter != result.BytesAfter || !store.EncodeState().AsSpan().SequenceEqual(compacted))
            Report("compacted state: compacting again changes it");
        foreach (byte[] update in scenario.Updates)
        {
            if (store.Apply(update).Outcome != ApplyOutcome.Nothing)
                Report("compacted state: an old update is new again");
        }
    }

    private void CheckReload(byte[] state)
    {
        UpdateStore again = new();
        again.Apply(state, UpdateSource.Trusted);
        if (!again.EncodeState().AsSpan().SequenceEqual(state))
            Report("state: loading and encoding it changes it");
    }

    // Three overlapping parts, the latest first, cut where a replica may really have stood: not between the halves of a surrogate pair.
    private async Task CheckPiecesAsync(UpdateStore store)
    {
        UpdateStore replica = new();
        StateVector third = new();
        StateVector half = new();
        for (int i = 0; i < scenario.Updates.Length / 2; i++)
        {
            replica.Apply(scenario.Updates[i]);
            if (i == scenario.Updates.Length / 3)
                third = replica.GetStateVector();
            half = replica.GetStateVector();
        }

        byte[][] vectors = [half.ToArray(), third.ToArray(), new StateVector().ToArray()];
        Verdict reference = await judge.AskInPartsAsync(scenario.Gc, scenario.MergedV1, vectors);
        await CheckAsync("state in overlapping pieces", vectors.Select(vector => store.EncodeDiff(vector)), reference);
    }

    private async Task<Verdict> CheckAsync(string field, IEnumerable<byte[]> updates, Verdict reference, byte[]? upTo = null)
    {
        Verdict verdict = await judge.AskAsync(scenario.Gc, updates, upTo);
        if (!verdict.StateVector.AsSpan().SequenceEqual(_stateVector))
            Report($"{field}: the state vector differs in Yjs");
        if (verdict.Pending && !reference.Pending)
            Report($"{field}: Yjs waits for something");
        if (!SameView(verdict.View, scenario.View) && !SameView(verdict.View, reference.View))
            Report($"{field}: Yjs shows another document");
        return verdict;
    }

    private static bool SameView(string a, string b)
    {
        if (a == b)
            return true;
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(a), JsonNode.Parse(b));
        }
        catch (JsonException)
        {
            // A message of a failure instead of a view.
            return false;
        }
    }

    private static byte[] Write(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private void Report(string difference) => _differences.Add(difference);
}
