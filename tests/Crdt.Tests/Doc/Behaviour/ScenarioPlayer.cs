using System.Text.Json;

namespace CoEdit.Crdt.Tests;

/// <summary>Plays the operations of one recorded scenario on documents with the client ids 1, 2, ….</summary>
internal sealed class ScenarioPlayer
{
    private readonly YDoc[] _docs;

    public ScenarioPlayer(JsonElement scenario)
    {
        string[] roots = [.. scenario.GetProperty("roots").EnumerateArray().Select(root => root.GetString()!)];
        int replicas = scenario.GetProperty("results").GetArrayLength();
        _docs = new YDoc[replicas];
        Updates = new List<string>[replicas];
        for (int i = 0; i < replicas; i++)
        {
            YDoc doc = new(new YDocOptions { ClientId = (ulong)i + 1, Gc = scenario.GetProperty("gc").GetBoolean() });
            List<string> updates = [];
            foreach (string root in roots)
                Root(doc, root);
            doc.Updated += (update, _) => updates.Add(Bytes.ToHex(update.Span));
            _docs[i] = doc;
            Updates[i] = updates;
        }
    }

    public IReadOnlyList<YDoc> Docs => _docs;

    /// <summary>What each document emitted.</summary>
    public List<string>[] Updates { get; }

    public static YType Root(YDoc doc, string step)
    {
        string[] parts = step.Split(':');
        return parts[0] switch
        {
            "text" => doc.GetText(parts[1]),
            "array" => doc.GetArray(parts[1]),
            "map" => doc.GetMap(parts[1]),
            _ => doc.GetXmlFragment(parts[1]),
        };
    }

    public void Play(JsonElement operation)
    {
        JsonElement[] parts = [.. operation.EnumerateArray()];
        if (parts[0].ValueKind == JsonValueKind.Number)
        {
            YDoc doc = _docs[parts[0].GetInt32() - 1];
            if (parts[1].GetString() == "transact")
                doc.Transact(_ => PlayAll(parts[2]));
            else
                Change(Find(doc, parts[1].GetString()!), parts[2].GetString()!, parts.AsSpan(3));
            return;
        }

        switch (parts[0].GetString())
        {
            case "sync":
                YDoc from = _docs[parts[1].GetInt32() - 1];
                YDoc to = _docs[parts[2].GetInt32() - 1];
                to.ApplyUpdate(from.EncodeStateAsUpdate(to.EncodeStateVector()));
                break;
            case "sync2":
                _docs[parts[2].GetInt32() - 1].ApplyUpdateV2(_docs[parts[1].GetInt32() - 1].EncodeStateAsUpdateV2());
                break;
            case "all":
                SyncAll();
                break;
            default:
                Exception? thrown = Xunit.Record.Exception(() => Play(parts[1]));
                Xunit.Assert.IsAssignableFrom<ArgumentException>(thrown);
                break;
        }
    }

    public void PlayAll(JsonElement operations)
    {
        foreach (JsonElement operation in operations.EnumerateArray())
            Play(operation);
    }

    private void SyncAll()
    {
        for (int round = 0; round < 2; round++)
        {
            foreach (YDoc from in _docs)
            {
                foreach (YDoc to in _docs)
                {
                    if (from != to)
                        to.ApplyUpdate(from.EncodeStateAsUpdate());
                }
            }
        }
    }

    private static YType Find(YDoc doc, string path)
    {
        string[] steps = path.Split('/');
        YType type = Root(doc, steps[0]);
        foreach (string step in steps.Skip(1))
        {
            type = type switch
            {
                YMap map => map[step].AsType(),
                YArray array => array[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)].AsType(),
                YXmlFragment fragment => fragment[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)],
                _ => throw new InvalidOperationException(path),
            };
        }

        return type;
    }

    private static void Change(YType type, string method, ReadOnlySpan<JsonElement> arguments)
    {
        switch (type, method)
        {
            case (YText text, "insert") when arguments.Length == 3:
                text.Insert(arguments[0].GetInt32(), Value(arguments[1]).AsString(), Value(arguments[2]).AsObject());
                break;
            case (YText text, "insert"):
                text.Insert(arguments[0].GetInt32(), Value(arguments[1]).AsString());
                break;
            case (YText text, "embed"):
                text.InsertEmbed(arguments[0].GetInt32(), Value(arguments[1]), arguments.Length > 2 ? Value(arguments[2]).AsObject() : null);
                break;
            case (YText text, "delete"):
                text.Delete(arguments[0].GetInt32(), arguments[1].GetInt32());
                break;
            case (YText text, "format"):
                text.Format(arguments[0].GetInt32(), arguments[1].GetInt32(), Value(arguments[2]).AsObject());
                break;
            case (YText text, "delta"):
                text.ApplyDelta([.. arguments[0].EnumerateArray().Select(Step)], arguments.Length < 2 || arguments[1].GetBoolean());
                break;
            case (YText text, "setAttribute"):
                text.SetAttribute(arguments[0].GetString()!, Value(arguments[1]));
                break;
            case (YText text, "removeAttribute"):
                text.RemoveAttribute(arguments[0].GetString()!);
                break;
            case (YArray array, "insert"):
                array.Insert(arguments[0].GetInt32(), Values(arguments[1]));
                break;
            case (YArray array, "push"):
                array.Push(Values(arguments[0]));
                break;
            case (YArray array, "delete"):
                array.Delete(arguments[0].GetInt32(), arguments[1].GetInt32());
                break;
            case (YMap map, "set"):
                map.Set(arguments[0].GetString()!, Value(arguments[1]));
                break;
            case (YMap map, "delete"):
                map.Delete(arguments[0].GetString()!);
                break;
            case (YXmlFragment fragment, "insert"):
                fragment.Insert(arguments[0].GetInt32(), Types(arguments[1]));
                break;
            case (YXmlFragment fragment, "push"):
                fragment.Push(Types(arguments[0]));
                break;
            case (YXmlFragment fragment, "delete"):
                fragment.Delete(arguments[0].GetInt32(), arguments[1].GetInt32());
                break;
            case (YXmlElement element, "setAttribute"):
                element.SetAttribute(arguments[0].GetString()!, Value(arguments[1]));
                break;
            case (YXmlElement element, "removeAttribute"):
                element.RemoveAttribute(arguments[0].GetString()!);
                break;
            default:
                throw new InvalidOperationException(method);
        }
    }

    private static YDeltaOp Step(JsonElement step)
    {
        return new YDeltaOp
        {
            Insert = step.TryGetProperty("insert", out JsonElement insert) ? Value(insert) : YValue.Undefined,
            Retain = step.TryGetProperty("retain", out JsonElement retain) ? retain.GetInt32() : 0,
            Delete = step.TryGetProperty("delete", out JsonElement delete) ? delete.GetInt32() : 0,
            Attributes = step.TryGetProperty("attributes", out JsonElement attributes) ? Value(attributes).AsObject() : null,
        };
    }

    private static YValue[] Values(JsonElement array) => [.. array.EnumerateArray().Select(Value)];

    private static YType[] Types(JsonElement array) => [.. Values(array).Select(value => value.AsType())];

    // An object with a "$" stands for what JSON has no form for.
    private static YValue Value(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return YValue.FromArray(Values(element));
        if (element.ValueKind != JsonValueKind.Object)
            return YValue.ParseJson(element.GetRawText());
        if (!element.TryGetProperty("$", out JsonElement kind))
        {
            YObject members = [];
            foreach (JsonProperty property in element.EnumerateObject())
                members.Add(property.Name, Value(property.Value));
            return members;
        }

        string Text(string name) => element.GetProperty(name).GetString()!;
        switch (kind.GetString())
        {
            case "undefined":
                return YValue.Undefined;
            case "bigint":
                return YValue.BigInt(long.Parse(Text("v"), System.Globalization.CultureInfo.InvariantCulture));
            case "number":
                return Text("v") switch
                {
                    "NaN" => double.NaN,
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    _ => -0.0,
                };
            case "bytes":
                return element.GetProperty("v").EnumerateArray().Select(b => b.GetByte()).ToArray();
            case "text":
                return new YText(Text("v"));
            case "xmltext":
                return new YXmlText(Text("v"));
            case "array":
                return new YArray(Values(element.GetProperty("v")));
            case "map":
                YMap map = new();
                foreach (JsonProperty property in element.GetProperty("v").EnumerateObject())
                    map.Set(property.Name, Value(property.Value));
                return map;
            case "hook":
                return new YXmlHook(Text("name"));
            case "doc":
                return Subdoc(Text("guid"), Value(element.GetProperty("options")).AsObject());
            default:
                return Element(element);
        }
    }

    private static YXmlElement Element(JsonElement description)
    {
        YXmlElement element = new(description.GetProperty("name").GetString()!);
        if (description.TryGetProperty("attributes", out JsonElement attributes))
        {
            foreach (JsonProperty attribute in attributes.EnumerateObject())
                element.SetAttribute(attribute.Name, Value(attribute.Value));
        }

        if (description.TryGetProperty("children", out JsonElement children))
            element.Insert(0, Types(children));
        return element;
    }

    private static YDoc Subdoc(string guid, YObject options) => new(new YDocOptions
    {
        Guid = guid,
        Gc = !options.TryGetValue("gc", out YValue gc) || gc.AsBoolean(),
        AutoLoad = options.TryGetValue("autoLoad", out YValue autoLoad) && autoLoad.AsBoolean(),
        Meta = options.TryGetValue("meta", out YValue meta) ? meta : YValue.Null,
    });
}
