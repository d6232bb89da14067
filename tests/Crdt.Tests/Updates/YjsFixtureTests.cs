using System.Text.Json;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>The doc-less functions against recorded results of Yjs 13.6.33, for updates in legal but unusual forms.</summary>
/// <remarks>Made with <c>node updates.mjs --seeds 1-8 --small</c> in <c>tests/conformance</c>, whose README explains the fields.</remarks>
public class YjsFixtureTests
{
    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (string name in Scenarios().Keys)
            names.Add(name);
        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Functions_on_updates_give_the_bytes_that_Yjs_gives(string name)
    {
        JsonElement scenario = Scenarios()[name];
        byte[] stateVector = scenario.GetProperty("stateVector").GetBytesFromBase64();
        JsonElement chosen = scenario.GetProperty("options");
        ObfuscateOptions options = new()
        {
            Formatting = chosen.GetProperty("formatting").GetBoolean(),
            Subdocuments = chosen.GetProperty("subdocs").GetBoolean(),
            Xml = chosen.GetProperty("yxml").GetBoolean(),
        };
        JsonElement merged = scenario.GetProperty("merged");
        JsonElement[] updates = [.. scenario.GetProperty("updates").EnumerateArray()];
        Same(merged, "v1", () => YUpdate.MergeUpdates([.. updates.Select(update => (ReadOnlyMemory<byte>)Get(update, "v1"))]));
        Same(merged, "v2", () => YUpdate.MergeUpdatesV2([.. updates.Select(update => (ReadOnlyMemory<byte>)Get(update, "v2"))]));
        foreach (JsonElement update in updates.Append(merged))
        {
            byte[] v1 = Get(update, "v1");
            byte[] v2 = Get(update, "v2");
            Same(update, "v1ToV2", () => YUpdate.ConvertV1ToV2(v1));
            Same(update, "v2ToV1", () => YUpdate.ConvertV2ToV1(v2));
            Same(update, "diff", () => YUpdate.DiffUpdate(v1, stateVector));
            Same(update, "diffV2", () => YUpdate.DiffUpdateV2(v2, stateVector));
            Same(update, "obfuscated", () => YUpdate.ObfuscateUpdate(v1, options));
            Same(update, "obfuscatedV2", () => YUpdate.ObfuscateUpdateV2(v2, options));
            Same(update, "stateVector", () => YUpdate.EncodeStateVectorFromUpdate(v1));
            Same(update, "stateVectorV2", () => YUpdate.EncodeStateVectorFromUpdateV2(v2));
        }
    }

    // Where Yjs throws (a bigint in JSON text), so does the library.
    private static void Same(JsonElement parent, string field, Func<byte[]> make)
    {
        if (parent.GetProperty(field).ValueKind == JsonValueKind.Null)
            Assert.Throws<MalformedUpdateException>(() => make());
        else
            Assert.Equal(Bytes.ToHex(Get(parent, field)), Bytes.ToHex(make()));
    }

    private static byte[] Get(JsonElement parent, string field) => parent.GetProperty(field).GetBytesFromBase64();

    internal static Dictionary<string, JsonElement> Scenarios()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "tests", "Crdt.Tests", "Updates", "Fixtures", "updates.jsonl");
            if (File.Exists(file))
            {
                return File.ReadLines(file)
                    .Select(line => JsonDocument.Parse(line).RootElement)
                    .ToDictionary(scenario => scenario.GetProperty("name").GetString()!);
            }
        }

        throw new FileNotFoundException("The fixtures were not found above the test's folder.");
    }
}
