using System.Text.Json.Nodes;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Arrays, maps and texts inside each other against a JSON tree, alone and among others.</summary>
public sealed class TreeModelTests
{
    [Fact]
    public void Nested_types_that_one_person_edits_are_a_JSON_tree() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, Gc = random.Next(2) == 0 });
        YDoc follower = new();
        doc.Updated += (update, _) => follower.ApplyUpdate(update.Span);
        YMap root = doc.GetMap("root");
        JsonObject model = [];
        for (int i = 0; i < 300; i++)
        {
            Edit(random, operations, root, model);
            Same(model, root);
            DocInvariants.Check(doc);
        }

        Same(model, follower.GetMap("root"));
        DocInvariants.Check(follower);
    });

    [Fact]
    public void Replicas_of_nested_types_converge() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        for (int i = 0; i < 200; i++)
        {
            int at = random.Next(network.Docs.Length);
            if (random.Next(5) < 2 && network.Deliver(at))
                continue;
            YMap root = network.Docs[at].GetMap("root");
            JsonObject model = root.ToJson().ToJsonNode()!.AsObject();
            Edit(random, operations, root, model);
            Same(model, root);
            DocInvariants.Check(network.Docs[at]);
        }

        network.Converge(doc => Sorted(doc.GetMap("root").ToJson().ToJsonNode())!.ToJsonString());
    });

    private static void Same(JsonNode model, YType type) =>
        Assert.True(JsonNode.DeepEquals(model, type.ToJson().ToJsonNode()), $"{model.ToJsonString()} is not {type.ToJson()}");

    // Walks down to a random container and changes it there.
    private static void Edit(Random random, List<string> operations, YType type, JsonNode model)
    {
        while (random.Next(4) > 0)
        {
            (YType Type, JsonNode Model)[] inner = type switch
            {
                YMap map => [.. map.Where(entry => IsContainer(entry.Value)).Select(entry => (entry.Value.AsType(), model[entry.Key]!))],
                YArray array => [.. array.Select((value, i) => (value, i)).Where(entry => IsContainer(entry.value)).Select(entry => (entry.value.AsType(), model[entry.i]!))],
                _ => [],
            };
            if (inner.Length == 0)
                break;
            (type, model) = inner[random.Next(inner.Length)];
        }

        if (type is YMap target)
        {
            string key = $"k{random.Next(4)}";
            if (random.Next(4) == 0)
            {
                operations.Add($"delete {key} of {model.GetPath()}");
                target.Delete(key);
                model.AsObject().Remove(key);
                return;
            }

            (YValue value, JsonNode? node) = Value(random);
            operations.Add($"set {key} of {model.GetPath()} to {value.Kind}");
            target.Set(key, value);
            model[key] = node;
        }
        else
        {
            YArray list = (YArray)type;
            JsonArray nodes = model.AsArray();
            if (nodes.Count > 0 && random.Next(3) == 0)
            {
                int at = random.Next(nodes.Count);
                operations.Add($"delete {at} of {model.GetPath()}");
                list.Delete(at);
                nodes.RemoveAt(at);
                return;
            }

            int index = random.Next(nodes.Count + 1);
            (YValue value, JsonNode? node) = Value(random);
            operations.Add($"insert {index} of {model.GetPath()}: {value.Kind}");
            list.Insert(index, value);
            nodes.Insert(index, node);
        }
    }

    private static bool IsContainer(YValue value) => value.Kind == YValueKind.Type && value.AsType() is YMap or YArray;

    private static (YValue Value, JsonNode? Node) Value(Random random)
    {
        switch (random.Next(7))
        {
            case 0:
                return (new YMap(), new JsonObject());
            case 1:
                return (new YArray(1, "two"), new JsonArray(1, "two"));
            case 2:
                YMap map = new();
                map.Set("k0", new YArray(new YMap()));
                return (map, new JsonObject { ["k0"] = new JsonArray(new JsonObject()) });
            case 3:
                return (new YText("text"), "text");
            case 4:
                return (YValue.Null, null);
            case 5:
                return (new YObject { ["plain"] = YValue.FromArray(1) }, new JsonObject { ["plain"] = new JsonArray(1) });
            default:
                int number = random.Next(1000);
                return (number, number);
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray elements => new JsonArray([.. elements.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
