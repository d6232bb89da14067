using System.Globalization;
using System.Text.Json;
using CoEdit.Crdt;

namespace CoEdit.Conformance;

/// <summary>Feeds a scenario to a <see cref="YDoc"/> and compares everything it says with what Yjs said.</summary>
internal sealed class DocReplay
{
    private readonly JsonElement _scenario;
    private readonly JsonElement _expected;
    private readonly List<string> _differences = [];

    private DocReplay(JsonElement scenario)
    {
        _scenario = scenario;
        _expected = scenario.GetProperty("expected");
    }

    public static List<string> Run(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        DocReplay replay = new(json.RootElement);
        replay.Compare();
        return replay._differences;
    }

    private void Compare()
    {
        YDoc doc = NewDoc();
        doc.ClientId = 1;
        byte[]? emitted = null;
        doc.Updated += (update, _) => emitted = update.ToArray();
        JsonElement pending = _expected.GetProperty("pendingAfter");
        int i = 0;
        foreach (byte[] update in Bytes(_scenario.GetProperty("updates")))
        {
            emitted = null;
            doc.ApplyUpdate(update, "wire");
            JsonElement wanted = _expected.GetProperty("emitted")[i];
            if (wanted.ValueKind == JsonValueKind.Null ? emitted is not null : emitted is null || !wanted.GetBytesFromBase64().AsSpan().SequenceEqual(emitted))
                Report($"emitted[{i}]", wanted.ValueKind == JsonValueKind.Null ? null : wanted.GetBytesFromBase64(), emitted);
            if (doc.HasPending != (pending[i].GetInt32() != 0))
                Report($"pendingAfter[{i}]: {doc.HasPending}");
            i++;
        }

        CompareContent(doc, "view");
        CompareBytes("stateVector", _expected.GetProperty("stateVector"), doc.EncodeStateVector());
        CompareBytes("stateV1", _expected.GetProperty("stateV1"), doc.EncodeStateAsUpdate());
        CompareBytes("stateV2", _expected.GetProperty("stateV2"), doc.EncodeStateAsUpdateV2());
        CompareDiffs(doc);
        CompareHistory(doc);
        CompareUnwatched();
        CompareV2Delivery();
        CompareMerged();
    }

    private void CompareContent(YDoc doc, string field)
    {
        Compare(field, _expected.GetProperty("view"), View(doc));
        Compare("text", _expected.GetProperty("text"), doc.GetText("text").ToString());
        Compare("delta", _expected.GetProperty("delta"), Delta(doc.GetText("text")));
        Compare("array", _expected.GetProperty("array"), doc.GetArray("array").ToJson());
        Compare("map", _expected.GetProperty("map"), doc.GetMap("map").ToJson());
        Compare("xml", _expected.GetProperty("xml"), doc.GetXmlFragment("xml").ToString());
        Compare("subdocs", _expected.GetProperty("subdocs"), Subdocs(doc));
    }

    private void CompareDiffs(YDoc doc)
    {
        int i = 0;
        foreach (JsonElement diff in _expected.GetProperty("diffs").EnumerateArray())
        {
            byte[] stateVector = diff.GetProperty("sv").GetBytesFromBase64();
            CompareBytes($"diffs[{i}].v1", diff.GetProperty("v1"), doc.EncodeStateAsUpdate(stateVector));
            CompareBytes($"diffs[{i}].v2", diff.GetProperty("v2"), doc.EncodeStateAsUpdateV2(stateVector));
            i++;
        }
    }

    private void CompareHistory(YDoc doc)
    {
        YText text = doc.GetText("text");
        CompareBytes("snapshot", _expected.GetProperty("snapshot"), doc.GetSnapshot().Encode());
        CompareBytes("snapshotV2", _expected.GetProperty("snapshotV2"), doc.GetSnapshot().EncodeV2());
        int i = 0;
        foreach (JsonElement wanted in _expected.GetProperty("relativePositions").EnumerateArray())
        {
            RelativePosition position = RelativePosition.Create(text, wanted.GetProperty("index").GetInt32(), wanted.GetProperty("assoc").GetInt32());
            CompareBytes($"relativePositions[{i}].encoded", wanted.GetProperty("encoded"), position.Encode());
            Compare($"relativePositions[{i}].json", wanted.GetProperty("json"), position.ToJson());
            AbsolutePosition? resolved = RelativePosition.Decode(position.Encode()).Resolve(doc);
            Compare($"relativePositions[{i}].resolved", wanted.GetProperty("resolved"), resolved is null ? YValue.Null : resolved.Index);
            i++;
        }

        i = 0;
        foreach (JsonElement wanted in _expected.GetProperty("snapshots").EnumerateArray())
        {
            Snapshot snapshot = Snapshot.Decode(wanted.GetProperty("encoded").GetBytesFromBase64());
            CompareBytes($"snapshots[{i}].encodedV2", wanted.GetProperty("encodedV2"), snapshot.EncodeV2());
            YDoc restored = doc.Restore(snapshot, new YDocOptions { Guid = "snap", Gc = false, ClientId = 4 });
            Compare($"snapshots[{i}].view", wanted.GetProperty("view"), View(restored));
            CompareBytes($"snapshots[{i}].stateV1", wanted.GetProperty("stateV1"), restored.EncodeStateAsUpdate());
            Compare($"snapshots[{i}].deltaAt", wanted.GetProperty("deltaAt"), Delta(text.ToDelta(snapshot)));
            Compare($"snapshots[{i}].deltaAgainstNow", wanted.GetProperty("deltaAgainstNow"), Delta(text.ToDelta(doc.GetSnapshot(), snapshot)));
            i++;
        }
    }

    // Without anybody watching, keystrokes take short cuts; the document has to be the same to the byte.
    private void CompareUnwatched()
    {
        YDoc doc = NewDoc();
        doc.ClientId = 4;
        foreach (byte[] update in Bytes(_scenario.GetProperty("updates")))
            doc.ApplyUpdate(update, "wire");
        CompareBytes("stateV1 (unwatched)", _expected.GetProperty("stateV1"), doc.EncodeStateAsUpdate());
        Compare("view (unwatched)", _expected.GetProperty("view"), View(doc));
    }

    private void CompareV2Delivery()
    {
        YDoc doc = NewDoc();
        doc.ClientId = 2;
        byte[]? emitted = null;
        doc.UpdatedV2 += (update, _) => emitted = update.ToArray();
        int i = 0;
        foreach (byte[] update in Bytes(_scenario.GetProperty("updatesV2")))
        {
            emitted = null;
            doc.ApplyUpdateV2(update, "wire");
            if (_expected.TryGetProperty("emittedV2", out JsonElement all))
            {
                byte[]? wanted = all[i].ValueKind == JsonValueKind.Null ? null : all[i].GetBytesFromBase64();
                if (wanted is null ? emitted is not null : emitted is null || !wanted.AsSpan().SequenceEqual(emitted))
                    Report($"emittedV2[{i}]", wanted, emitted);
            }

            i++;
        }

        CompareBytes("stateV1_viaV2Delivery", _expected.GetProperty("stateV1_viaV2Delivery"), doc.EncodeStateAsUpdate());
        if (_expected.TryGetProperty("stateV2_viaV2Delivery", out JsonElement stateV2))
            CompareBytes("stateV2_viaV2Delivery", stateV2, doc.EncodeStateAsUpdateV2());
        Compare("view (v2 delivery)", _expected.GetProperty("view"), View(doc));
    }

    // The same updates in one piece may come out differently; Yjs' result for that is recorded too.
    private void CompareMerged()
    {
        YDoc doc = NewDoc();
        doc.ClientId = 3;
        doc.ApplyUpdate(_expected.GetProperty("mergedV1").GetBytesFromBase64());
        CompareBytes("stateV1_viaMerged", _expected.GetProperty("stateV1_viaMerged"), doc.EncodeStateAsUpdate());
        Compare("viewViaMerged", _expected.TryGetProperty("viewViaMerged", out JsonElement view) ? view : _expected.GetProperty("view"), View(doc));
    }

    private YDoc NewDoc()
    {
        YDoc doc = new(new YDocOptions { Guid = "corpus", Gc = _scenario.GetProperty("gc").GetBoolean() });
        doc.GetText("text");
        doc.GetArray("array");
        doc.GetMap("map");
        doc.GetXmlFragment("xml");
        return doc;
    }

    private static YValue View(YDoc doc) => new YObject
    {
        ["array"] = new YObject { ["json"] = doc.GetArray("array").ToJson() },
        ["map"] = new YObject { ["json"] = doc.GetMap("map").ToJson() },
        ["text"] = new YObject { ["delta"] = Delta(doc.GetText("text")), ["str"] = doc.GetText("text").ToString() },
        ["xml"] = new YObject { ["xml"] = doc.GetXmlFragment("xml").ToString(), ["delta"] = XmlDeltas(doc.GetXmlFragment("xml")) },
    };

    private static YValue Delta(YText text) => Delta(text.ToDelta());

    private static YValue Delta(IReadOnlyList<YDeltaOp> delta) => YValue.FromArray([.. delta.Select(op => op.ToJson())]);

    private static YValue XmlDeltas(YXmlFragment node) => YValue.FromArray([.. node.ToArray().Select(child => child switch
    {
        YXmlText text => Delta(text),
        YXmlHook hook => new YObject { ["hook"] = hook.HookName, ["json"] = hook.ToJson() },
        YXmlElement element => new YObject { ["el"] = element.NodeName, ["attrs"] = element.GetAttributes(), ["ch"] = XmlDeltas(element) },
        _ => YValue.Undefined,
    })]);

    private static YValue Subdocs(YDoc doc) => YValue.FromArray([.. doc.Subdocs.OrderBy(subdoc => subdoc.Guid, StringComparer.Ordinal).Select(subdoc =>
        (YValue)new YObject
        {
            ["guid"] = subdoc.Guid,
            ["autoLoad"] = subdoc.AutoLoad,
            ["shouldLoad"] = subdoc.ShouldLoad,
            ["meta"] = subdoc.Meta,
        })]);

    private static IEnumerable<byte[]> Bytes(JsonElement array) => array.EnumerateArray().Select(element => element.GetBytesFromBase64());

    private void Compare(string field, JsonElement expected, YValue actual)
    {
        string wanted = Sorted(YValue.ParseJson(expected.GetRawText())).ToString();
        string got = Sorted(Tagged(actual)).ToString();
        if (wanted == got)
            return;
        int at = 0;
        while (at < wanted.Length && at < got.Length && wanted[at] == got[at])
            at++;
        Report($"{field}: differs at {at}: {Around(wanted, at)} / {Around(got, at)}");
    }

    private static string Around(string text, int at) =>
        text[Math.Max(0, at - 30)..Math.Min(text.Length, at + 60)].ReplaceLineEndings(" ");

    private void CompareBytes(string field, JsonElement expected, byte[] actual)
    {
        byte[] wanted = expected.GetBytesFromBase64();
        if (!wanted.AsSpan().SequenceEqual(actual))
            Report(field, wanted, actual);
    }

    private void Report(string field, byte[]? wanted, byte[]? got)
    {
        int at = 0;
        while (wanted is not null && got is not null && at < wanted.Length && at < got.Length && wanted[at] == got[at])
            at++;
        Report($"{field}: differs at byte {at}, {wanted?.Length.ToString(CultureInfo.InvariantCulture) ?? "none"} expected, {got?.Length.ToString(CultureInfo.InvariantCulture) ?? "none"} found");
    }

    private void Report(string difference) => _differences.Add(difference);

    // The corpus marks what JSON cannot carry.
    private static YValue Tagged(YValue value) => value.Kind switch
    {
        YValueKind.Undefined => new YObject { ["$undef"] = true },
        YValueKind.BigInt => new YObject { ["$bigint"] = value.ToString() },
        YValueKind.Binary => new YObject { ["$u8"] = Convert.ToBase64String(value.AsBinary()) },
        YValueKind.Document => new YObject { ["$doc"] = value.AsDocument().Guid },
        YValueKind.Type => Tagged(value.AsType().ToJson()),
        YValueKind.Number when !double.IsFinite(value.AsDouble()) => new YObject { ["$num"] = Special(value.AsDouble()) },
        YValueKind.Number when value.AsDouble() == 0 && double.IsNegative(value.AsDouble()) => new YObject { ["$num"] = "-0" },
        YValueKind.Array => YValue.FromArray([.. value.AsArray().Select(Tagged)]),
        YValueKind.Object => Members(value.AsObject()),
        _ => value,
    };

    private static YObject Members(YObject members) => [.. members.Select(member => KeyValuePair.Create(member.Key, Tagged(member.Value)))];

    private static string Special(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private static YValue Sorted(YValue value)
    {
        if (value.Kind == YValueKind.Array)
            return YValue.FromArray([.. value.AsArray().Select(Sorted)]);
        if (value.Kind != YValueKind.Object)
            return value;
        YObject sorted = [];
        foreach ((string key, YValue member) in value.AsObject().OrderBy(member => member.Key, StringComparer.Ordinal))
            sorted[key] = Sorted(member);
        return sorted;
    }
}
