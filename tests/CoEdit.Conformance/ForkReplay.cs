using System.Text.Json;
using CoEdit.Crdt;
using CoEdit.Testing;

namespace CoEdit.Conformance;

/// <summary>Delivers every copy of a document that a file holds in many mixes; none may be taken for a fork.</summary>
internal static class ForkReplay
{
    private const int Mixes = 4;

    // What generate.mjs records of one document, beside its updates.
    private static readonly string[] StatesV1 = ["stateV1", "stateV1_viaV2Delivery", "stateV1_viaMerged", "mergedV1"];
    private static readonly string[] StatesV2 = ["stateV2", "mergedV2", "mergedV1toV2"];

    public static List<string> Run(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        List<byte[]> copies = Read(json.RootElement);
        return [.. Enumerable.Range(1, Mixes).Select(seed => HonestCopies.Deliver(copies, seed)).OfType<string>()];
    }

    private static List<byte[]> Read(JsonElement root)
    {
        if (root.TryGetProperty("copies", out JsonElement copies))
            return [.. copies.EnumerateArray().Select(copy => copy.GetBytesFromBase64())];
        JsonElement expected = root.GetProperty("expected");
        List<byte[]> all = [.. root.GetProperty("updates").EnumerateArray().Select(update => update.GetBytesFromBase64())];
        all.AddRange(StatesV1.Select(field => expected.GetProperty(field).GetBytesFromBase64()));
        all.AddRange(StatesV2.Select(field => YUpdate.ConvertV2ToV1(expected.GetProperty(field).GetBytesFromBase64())));
        foreach (JsonElement diff in expected.GetProperty("diffs").EnumerateArray())
        {
            all.Add(diff.GetProperty("v1").GetBytesFromBase64());
            all.Add(YUpdate.ConvertV2ToV1(diff.GetProperty("v2").GetBytesFromBase64()));
            all.Add(diff.GetProperty("diffUpdateOfMergedV1").GetBytesFromBase64());
        }

        return all;
    }
}
