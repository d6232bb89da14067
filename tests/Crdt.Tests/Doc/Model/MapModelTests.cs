using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A map against a plain dictionary, alone and among others.</summary>
public sealed class MapModelTests
{
    [Fact]
    public void A_map_that_one_person_edits_is_a_dictionary() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, Gc = random.Next(2) == 0 });
        YMap map = doc.GetMap("m");
        Dictionary<string, YValue> model = [];
        for (int i = 0; i < 1000; i++)
        {
            Edit(random, operations, map, model, keys: 40);
            Same(model, map);
            if (i % 50 == 0)
                DocInvariants.Check(doc);
        }

        YDoc copy = new();
        copy.ApplyUpdate(doc.EncodeStateAsUpdate());
        Same(model, copy.GetMap("m"));
    });

    [Fact]
    public void Replicas_of_a_map_converge() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        for (int i = 0; i < 250; i++)
        {
            int at = random.Next(network.Docs.Length);
            if (random.Next(5) < 2 && network.Deliver(at))
                continue;
            YMap map = network.Docs[at].GetMap("m");
            Dictionary<string, YValue> model = new(map);
            Edit(random, operations, map, model, keys: 5);
            Same(model, map);
            DocInvariants.Check(network.Docs[at]);
        }

        network.Converge(doc => string.Join(' ', doc.GetMap("m").OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}")));
    });

    private static void Edit(Random random, List<string> operations, YMap map, Dictionary<string, YValue> model, int keys)
    {
        string key = $"key{random.Next(keys)}";
        if (random.Next(3) == 0)
        {
            operations.Add($"delete {key}");
            map.Delete(key);
            model.Remove(key);
        }
        else
        {
            YValue value = random.Next(3) == 0 ? YValue.FromString($"v{operations.Count}") : operations.Count;
            operations.Add($"set {key} {value}");
            map.Set(key, value);
            model[key] = value;
        }
    }

    private static void Same(Dictionary<string, YValue> model, YMap map)
    {
        Assert.Equal(model.Count, map.Count);
        foreach ((string key, YValue value) in model)
            Assert.Equal(value, map[key]);
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), map.Keys.Order(StringComparer.Ordinal));
    }
}
