using System.Globalization;
using System.Text.Json;
using CoEdit.Crdt;

namespace CoEdit.Conformance;

/// <summary>Checks the doc-less functions on updates that were made by hand (<c>updates.mjs</c>), as no document would write them.</summary>
internal sealed class MadeUpdatesReplay(JsonElement scenario)
{
    public const string Format = "coedit-updates-1";

    private readonly List<string> _differences = [];

    public List<string> Run()
    {
        JsonElement merged = scenario.GetProperty("merged");
        JsonElement[] updates = [.. scenario.GetProperty("updates").EnumerateArray()];
        Same("merged", merged, "v1", () => YUpdate.MergeUpdates([.. updates.Select(update => Memory(update, "v1"))]));
        Same("merged", merged, "v2", () => YUpdate.MergeUpdatesV2([.. updates.Select(update => Memory(update, "v2"))]));
        for (int i = 0; i < updates.Length; i++)
            Check($"updates[{i}]", updates[i]);
        Check("merged", merged);
        return _differences;
    }

    private void Check(string name, JsonElement update)
    {
        byte[] v1 = update.GetProperty("v1").GetBytesFromBase64();
        byte[] v2 = update.GetProperty("v2").GetBytesFromBase64();
        byte[] stateVector = scenario.GetProperty("stateVector").GetBytesFromBase64();
        JsonElement chosen = scenario.GetProperty("options");
        ObfuscateOptions options = new()
        {
            Formatting = chosen.GetProperty("formatting").GetBoolean(),
            Subdocuments = chosen.GetProperty("subdocs").GetBoolean(),
            Xml = chosen.GetProperty("yxml").GetBoolean(),
        };
        Same(name, update, "v1ToV2", () => YUpdate.ConvertV1ToV2(v1));
        Same(name, update, "v2ToV1", () => YUpdate.ConvertV2ToV1(v2));
        Same(name, update, "diff", () => YUpdate.DiffUpdate(v1, stateVector));
        Same(name, update, "diffV2", () => YUpdate.DiffUpdateV2(v2, stateVector));
        Same(name, update, "obfuscated", () => YUpdate.ObfuscateUpdate(v1, options));
        Same(name, update, "obfuscatedV2", () => YUpdate.ObfuscateUpdateV2(v2, options));
        Same(name, update, "stateVector", () => YUpdate.EncodeStateVectorFromUpdate(v1));
        Same(name, update, "stateVectorV2", () => YUpdate.EncodeStateVectorFromUpdateV2(v2));
        foreach (UpdateMeta meta in new[] { YUpdate.ParseUpdateMeta(v1), YUpdate.ParseUpdateMetaV2(v2) })
        {
            SameClocks($"{name}.from", update.GetProperty("from"), meta.From);
            SameClocks($"{name}.to", update.GetProperty("to"), meta.To);
        }
    }

    private void Same(string name, JsonElement parent, string field, Func<byte[]> make)
    {
        // null: Yjs throws.
        string? expected = parent.GetProperty(field).GetString();
        string? actual = null;
        try
        {
            actual = Convert.ToBase64String(make());
        }
        catch (MalformedUpdateException exception) when (expected is not null)
        {
            _differences.Add($"{name}.{field}: {exception.Message}");
            return;
        }
        catch (MalformedUpdateException)
        {
            // As Yjs.
        }

        if (expected != actual)
            _differences.Add($"{name}.{field}: differs");
    }

    private void SameClocks(string field, JsonElement expected, IReadOnlyDictionary<ulong, uint> actual)
    {
        Dictionary<ulong, uint> clocks = expected.EnumerateObject().ToDictionary(
            entry => ulong.Parse(entry.Name, CultureInfo.InvariantCulture), entry => entry.Value.GetUInt32());
        if (clocks.Count != actual.Count || clocks.Any(entry => !actual.TryGetValue(entry.Key, out uint clock) || clock != entry.Value))
            _differences.Add($"{field}: differs");
    }

    private static ReadOnlyMemory<byte> Memory(JsonElement update, string field) => update.GetProperty(field).GetBytesFromBase64();
}
