using System.Text.Json;

namespace CoEdit.Conformance;

/// <summary>One file of the corpus; its fields are explained in tests/conformance/README.md.</summary>
internal sealed record Scenario(
    string Name,
    bool Gc,
    byte[][] Updates,
    bool[] Emitted,
    bool[] PendingAfter,
    byte[] StateVector,
    byte[] MergedV1,
    DiffCase[] Diffs,
    string View)
{
    public static Scenario Read(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = json.RootElement;
        JsonElement expected = root.GetProperty("expected");
        return new Scenario(
            root.GetProperty("name").GetString()!,
            root.GetProperty("gc").GetBoolean(),
            [.. root.GetProperty("updates").EnumerateArray().Select(update => update.GetBytesFromBase64())],
            [.. expected.GetProperty("emitted").EnumerateArray().Select(update => update.ValueKind != JsonValueKind.Null)],
            [.. expected.GetProperty("pendingAfter").EnumerateArray().Select(pending => pending.GetInt32() != 0)],
            expected.GetProperty("stateVector").GetBytesFromBase64(),
            expected.GetProperty("mergedV1").GetBytesFromBase64(),
            [.. expected.GetProperty("diffs").EnumerateArray().Select(diff => new DiffCase(
                diff.GetProperty("sv").GetBytesFromBase64(), diff.GetProperty("diffUpdateOfMergedV1").GetBytesFromBase64()))],
            expected.GetProperty("view").GetRawText());
    }
}

/// <summary>A state vector, and what Yjs' own <c>diffUpdate</c> leaves of the merged updates for it.</summary>
internal sealed record DiffCase(byte[] StateVector, byte[] DiffOfMerged);
