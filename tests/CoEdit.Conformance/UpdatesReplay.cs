using System.Globalization;
using System.Text.Json;
using CoEdit.Crdt;

namespace CoEdit.Conformance;

/// <summary>Checks every field of a scenario that is a function of update bytes alone, without a document.</summary>
internal sealed class UpdatesReplay(string file)
{
    private readonly List<string> _differences = [];

    public string Name { get; private set; } = Path.GetFileNameWithoutExtension(file);

    public List<string> Run()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        Name = json.RootElement.GetProperty("name").GetString()!;
        JsonElement expected = json.RootElement.GetProperty("expected");
        byte[][] updates = [.. json.RootElement.GetProperty("updates").EnumerateArray().Select(update => update.GetBytesFromBase64())];
        byte[][] updatesV2 = [.. json.RootElement.GetProperty("updatesV2").EnumerateArray().Select(update => update.GetBytesFromBase64())];
        CheckMerges(expected, updates, updatesV2);
        CheckConversions(expected, updates, updatesV2);
        CheckFacts(expected);
        CheckSnapshots(expected);
        return _differences;
    }

    private void CheckMerges(JsonElement expected, byte[][] updates, byte[][] updatesV2)
    {
        byte[] merged = Bytes(expected, "mergedV1");
        byte[] mergedV2 = Bytes(expected, "mergedV2");
        Same("mergedV1", merged, YUpdate.MergeUpdates(Memory(updates)));
        Same("mergedV2", mergedV2, YUpdate.MergeUpdatesV2(Memory(updatesV2)));
        int number = 0;
        foreach (JsonElement diff in expected.GetProperty("diffs").EnumerateArray())
        {
            byte[] stateVector = Bytes(diff, "sv");
            byte[] left = Bytes(diff, "diffUpdateOfMergedV1");
            Same($"diffs[{number}].diffUpdateOfMergedV1", left, YUpdate.DiffUpdate(merged, stateVector));
            byte[] leftV2 = YUpdate.DiffUpdateV2(Bytes(expected, "mergedV1toV2"), stateVector);
            Same($"diffs[{number}] in v2", YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(left)), YUpdate.ConvertV2ToV1(leftV2));
            number++;
        }
    }

    private void CheckConversions(JsonElement expected, byte[][] updates, byte[][] updatesV2)
    {
        for (int i = 0; i < updates.Length; i++)
        {
            Same($"updatesV2[{i}]", updatesV2[i], YUpdate.ConvertV1ToV2(updates[i]));
            Same($"updatesV2[{i}] as v1 and v2 again", updatesV2[i], YUpdate.ConvertV1ToV2(YUpdate.ConvertV2ToV1(updatesV2[i])));
        }

        byte[] merged = Bytes(expected, "mergedV1");
        Same("mergedV1toV2", Bytes(expected, "mergedV1toV2"), YUpdate.ConvertV1ToV2(merged));

        // What writes structs anew loses the flag of a map key next to an origin, and documents write it; so both are compared after a conversion.
        byte[] state = Bytes(expected, "stateV1");
        Same("stateV2 as v1", YUpdate.ConvertV2ToV1(YUpdate.ConvertV1ToV2(state)), YUpdate.ConvertV2ToV1(Bytes(expected, "stateV2")));
    }

    private void CheckFacts(JsonElement expected)
    {
        byte[] merged = Bytes(expected, "mergedV1");
        byte[] mergedV2 = Bytes(expected, "mergedV2");
        Same("stateVectorOfMerged", Bytes(expected, "stateVectorOfMerged"), YUpdate.EncodeStateVectorFromUpdate(merged));
        Same("stateVectorOfMergedV2", Bytes(expected, "stateVectorOfMergedV2"), YUpdate.EncodeStateVectorFromUpdateV2(mergedV2));
        JsonElement meta = expected.GetProperty("metaOfMerged");
        foreach (UpdateMeta actual in new[] { YUpdate.ParseUpdateMeta(merged), YUpdate.ParseUpdateMetaV2(mergedV2) })
        {
            SameClocks("metaOfMerged.from", meta.GetProperty("from"), actual.From);
            SameClocks("metaOfMerged.to", meta.GetProperty("to"), actual.To);
        }
    }

    private void CheckSnapshots(JsonElement expected)
    {
        byte[] encoded = Bytes(expected, "snapshot");
        byte[] encodedV2 = Bytes(expected, "snapshotV2");
        CheckSnapshot("snapshot", encoded, encodedV2);
        foreach (JsonElement snapshot in expected.GetProperty("snapshots").EnumerateArray())
            CheckSnapshot("snapshots", Bytes(snapshot, "encoded"), Bytes(snapshot, "encodedV2"));

        // What is parked belongs to the state but not to its state vector.
        if (expected.GetProperty("pendingAfter").EnumerateArray().Last().GetInt32() != 0)
            return;
        byte[] state = Bytes(expected, "stateV1");
        Same("stateVector", Bytes(expected, "stateVector"), YUpdate.EncodeStateVectorFromUpdate(state));
        List<ClockRange> deletes = [];
        UpdateInfo.ReadRanges(state, [], deletes);
        Snapshot made = new(StateVector.Decode(Bytes(expected, "stateVector")), IdSet.Of(deletes));
        Same("snapshot of the state", encoded, made.Encode());
    }

    private void CheckSnapshot(string field, byte[] encoded, byte[] encodedV2)
    {
        Snapshot snapshot = Snapshot.Decode(encoded);
        Snapshot fromV2 = Snapshot.DecodeV2(encodedV2);
        Same(field, encoded, fromV2.Encode());
        Same(field + "V2", encodedV2, snapshot.EncodeV2());
        if (!snapshot.Equals(fromV2))
            _differences.Add($"{field}: the two forms are not equal");
    }

    private void SameClocks(string field, JsonElement expected, IReadOnlyDictionary<ulong, uint> actual)
    {
        Dictionary<ulong, uint> clocks = expected.EnumerateObject().ToDictionary(
            entry => ulong.Parse(entry.Name, CultureInfo.InvariantCulture), entry => entry.Value.GetUInt32());
        if (clocks.Count != actual.Count || clocks.Any(entry => !actual.TryGetValue(entry.Key, out uint clock) || clock != entry.Value))
            _differences.Add(field);
    }

    private void Same(string field, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        if (expected.SequenceEqual(actual))
            return;
        int same = expected.CommonPrefixLength(actual);
        _differences.Add($"{field}: differs at byte {same} of {expected.Length} (here {actual.Length})");
    }

    private static byte[] Bytes(JsonElement parent, string field) => parent.GetProperty(field).GetBytesFromBase64();

    private static ReadOnlyMemory<byte>[] Memory(byte[][] updates) => [.. updates.Select(update => (ReadOnlyMemory<byte>)update)];
}
