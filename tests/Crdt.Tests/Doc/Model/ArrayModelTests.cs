using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>An array against a plain list, alone and among others.</summary>
public sealed class ArrayModelTests
{
    private int _next;

    [Fact]
    public void An_array_that_one_person_edits_is_a_list() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YArray array = doc.GetArray("a");
        YDoc follower = new();
        doc.UpdatedV2 += (update, _) => follower.ApplyUpdateV2(update.Span);
        List<YValue> model = [];
        for (int i = 0; i < 1200; i++)
        {
            Edit(random, operations, array, model, longest: 500);
            Assert.Equal(model.Count, array.Count);
            if (model.Count > 0 && random.Next(3) == 0)
            {
                int index = random.Next(model.Count);
                Assert.Equal(model[index], array[index]);
            }

            if (i % 50 == 0)
            {
                Assert.Equal(model, array.ToArray());
                DocInvariants.Check(doc);
            }
        }

        Assert.Equal(model, array.ToArray());
        Assert.Equal(model, follower.GetArray("a").ToArray());
        DocInvariants.Check(follower);
    });

    [Fact]
    public void Replicas_of_an_array_converge() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        for (int i = 0; i < 250; i++)
        {
            int at = random.Next(network.Docs.Length);
            if (random.Next(5) < 2 && network.Deliver(at))
                continue;
            YArray array = network.Docs[at].GetArray("a");
            List<YValue> model = [.. array];
            Edit(random, operations, array, model, longest: 40);
            Assert.Equal(model, array.ToArray());
            DocInvariants.Check(network.Docs[at]);
        }

        network.Converge(doc => doc.GetArray("a").ToJson().ToString());
    });

    private void Edit(Random random, List<string> operations, YArray array, List<YValue> model, int longest)
    {
        int kind = model.Count == 0 ? 0 : random.Next(model.Count < longest ? 10 : 4);
        if (kind >= 6)
        {
            YValue[] values = Values(random);
            operations.Add($"push {values.Length}");
            array.Push(values);
            model.AddRange(values);
        }
        else if (kind is 0 or 4 or 5)
        {
            int index = random.Next(model.Count + 1);
            YValue[] values = Values(random);
            operations.Add($"insert {index} {values.Length}");
            array.Insert(index, values);
            model.InsertRange(index, values);
        }
        else
        {
            int index = random.Next(model.Count);
            int length = Math.Min(random.Next(1, 5), model.Count - index);
            operations.Add($"delete {index} {length}");
            array.Delete(index, length);
            model.RemoveRange(index, length);
        }
    }

    private YValue[] Values(Random random)
    {
        YValue[] values = new YValue[random.Next(1, 5)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Next(7) switch
            {
                0 => $"text {_next}",
                1 => new byte[] { (byte)_next, 1 },
                2 => YValue.FromArray(_next, YValue.Null, "x"),
                3 => new YObject { ["n"] = _next, ["1"] = true },
                _ => _next / 2.0,
            };
            _next++;
        }

        return values;
    }
}
