using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Small sessions of one to three people: every update, state, vector and view is what Yjs 13.6.33 made of the same operations.</summary>
/// <remarks>The sessions are in <c>Fixtures/scenarios.mjs</c>, <c>Fixtures/behaviour.mjs</c> records them.</remarks>
public sealed class RecordedBehaviourTests
{
    public static TheoryData<string> Names => [.. Scenarios().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_session_ends_as_in_Yjs(string name)
    {
        JsonElement scenario = Scenarios()[name];
        ScenarioPlayer player = new(scenario);
        foreach (JsonElement operation in scenario.GetProperty("ops").EnumerateArray())
        {
            player.Play(operation);
            foreach (YDoc doc in player.Docs)
                DocInvariants.Check(doc);
        }

        int replica = 0;
        foreach (JsonElement result in scenario.GetProperty("results").EnumerateArray())
        {
            YDoc doc = player.Docs[replica];
            Assert.Equal(result.GetProperty("updates").EnumerateArray().Select(update => update.GetString()!), player.Updates[replica]);
            Assert.Equal(result.GetProperty("v1").GetString(), Bytes.ToHex(doc.EncodeStateAsUpdate()));
            Assert.Equal(result.GetProperty("v2").GetString(), Bytes.ToHex(doc.EncodeStateAsUpdateV2()));
            Assert.Equal(result.GetProperty("vector").GetString(), Bytes.ToHex(doc.EncodeStateVector()));
            CheckRoots(doc, scenario, result);
            replica++;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_updates_in_reverse_make_the_same_document(string name)
    {
        JsonElement scenario = Scenarios()[name];
        JsonElement last = scenario.GetProperty("results").EnumerateArray().Last();
        string[] all = [.. scenario.GetProperty("results").EnumerateArray().SelectMany(result => result.GetProperty("updates").EnumerateArray()).Select(update => update.GetString()!)];
        YDoc forward = new(new YDocOptions { ClientId = 99, CleanupFormatting = false, Gc = scenario.GetProperty("gc").GetBoolean() });
        YDoc backward = new(new YDocOptions { ClientId = 98, CleanupFormatting = false, Gc = scenario.GetProperty("gc").GetBoolean() });
        YDoc merged = new(new YDocOptions { ClientId = 97, CleanupFormatting = false, Gc = scenario.GetProperty("gc").GetBoolean() });
        foreach (string update in all)
            forward.ApplyUpdate(Bytes.FromHex(update));
        foreach (string update in all.Reverse())
            backward.ApplyUpdate(Bytes.FromHex(update));
        if (all.Length > 0)
            merged.ApplyUpdate(YUpdate.MergeUpdates([.. all.Select(update => (ReadOnlyMemory<byte>)Bytes.FromHex(update))]));
        foreach (YDoc doc in new[] { forward, backward, merged })
        {
            Assert.False(doc.HasPending);
            DocInvariants.Check(doc);
            // The order of a map's keys is that of their arrival, on every replica its own.
            CheckRoots(doc, scenario, last, keysInOrder: false);
        }
    }

    internal static Dictionary<string, JsonElement> Scenarios()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "tests", "Crdt.Tests", "Doc", "Behaviour", "Fixtures", "behaviour.jsonl");
            if (File.Exists(file))
            {
                return File.ReadLines(file)
                    .Select(line => JsonDocument.Parse(line).RootElement)
                    .ToDictionary(scenario => scenario.GetProperty("name").GetString()!);
            }
        }

        throw new FileNotFoundException("The fixtures were not found above the test's folder.");
    }

    // Null stands for what JavaScript could not print.
    private static void CheckRoots(YDoc doc, JsonElement scenario, JsonElement result, bool keysInOrder = true)
    {
        foreach ((JsonElement root, JsonElement view) in scenario.GetProperty("roots").EnumerateArray().Zip(result.GetProperty("roots").EnumerateArray()))
        {
            YType type = ScenarioPlayer.Root(doc, root.GetString()!);
            if (YValue.ParseJson(view.GetProperty("json").GetRawText()) is { IsNull: false } json)
                AssertJson(json.AsString(), type.ToJson(), keysInOrder);
            int length = type switch
            {
                YText text => text.Length,
                YArray array => array.Count,
                YMap map => map.Count,
                _ => ((YXmlFragment)type).Count,
            };
            Assert.Equal(view.GetProperty("length").GetInt32(), length);
            if (type is YText rich && YValue.ParseJson(view.GetProperty("delta").GetRawText()) is { IsNull: false } delta)
                Assert.Equal(delta.AsString(), YValue.FromArray([.. rich.ToDelta().Select(op => op.ToJson())]).ToString());
        }
    }

    private static void AssertJson(string expected, YValue actual, bool keysInOrder)
    {
        if (keysInOrder || actual.Kind == YValueKind.String)
            Assert.Equal(expected, actual.ToString());
        else
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual.ToJsonNode()), actual.ToString());
    }
}
