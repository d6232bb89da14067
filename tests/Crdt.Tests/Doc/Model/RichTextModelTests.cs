using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A formatted text against a list of units with their attributes, alone and among others.</summary>
public sealed class RichTextModelTests
{
    private static readonly string[] Names = ["bold", "color", "em"];

    [Fact]
    public void A_formatted_text_that_one_person_edits_is_a_list_of_units_with_attributes() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, Gc = random.Next(2) == 0 });
        YText text = doc.GetText("t");
        YDoc follower = new();
        doc.Updated += (update, _) => follower.ApplyUpdate(update.Span);
        List<Unit> model = [];
        for (int i = 0; i < 300; i++)
        {
            Edit(random, operations, text, model, longest: 60);
            Same(model, text);
            DocInvariants.Check(doc);
        }

        Same(model, follower.GetText("t"));
    });

    [Fact]
    public void Replicas_of_a_formatted_text_converge() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        foreach (YDoc doc in network.Docs)
            doc.GetText("t");
        for (int i = 0; i < 200; i++)
        {
            int at = random.Next(network.Docs.Length);
            if (random.Next(5) < 2 && network.Deliver(at))
                continue;
            YText text = network.Docs[at].GetText("t");
            List<Unit> model = Read(text);
            Edit(random, operations, text, model, longest: 30);
            Same(model, text);
            DocInvariants.Check(network.Docs[at]);
        }

        network.Converge(doc => Print(Read(doc.GetText("t"))));
    });

    [Fact]
    public void A_delta_applied_to_an_empty_text_is_that_text() => RandomRounds.Run((random, operations) =>
    {
        YText text = new YDoc().GetText("t");
        List<Unit> model = [];
        for (int i = 0; i < 60; i++)
            Edit(random, operations, text, model, longest: 60);
        YText copy = new YDoc().GetText("t");
        copy.ApplyDelta(text.ToDelta());
        Same(model, copy);
    });

    private static void Edit(Random random, List<string> operations, YText text, List<Unit> model, int longest)
    {
        int kind = model.Count == 0 ? 0 : random.Next(model.Count < longest ? 9 : 6);
        int index = random.Next(model.Count + 1);
        if (kind is 0 or 6)
        {
            string word = new((char)('a' + random.Next(26)), random.Next(1, 4));
            operations.Add($"insert {index} {word}");
            text.Insert(index, word);
            SortedDictionary<string, string> inherited = index > 0 ? model[index - 1].Attributes : [];
            model.InsertRange(index, word.Select(c => new Unit(c.ToString(), inherited)));
        }
        else if (kind == 7)
        {
            (YObject attributes, SortedDictionary<string, string> set) = Attributes(random, withNull: false);
            operations.Add($"insert {index} X with {(YValue)attributes}");
            text.Insert(index, "XY", attributes);
            model.InsertRange(index, [new Unit("X", set), new Unit("Y", set)]);
        }
        else if (kind == 8)
        {
            operations.Add($"embed {index}");
            text.InsertEmbed(index, new YObject { ["e"] = operations.Count }, []);
            model.Insert(index, new Unit($$"""{"e":{{operations.Count}}}""", []));
        }
        else
        {
            index = random.Next(model.Count);
            int length = Math.Min(random.Next(1, 8), model.Count - index);
            if (kind <= 2)
            {
                operations.Add($"delete {index} {length}");
                text.Delete(index, length);
                model.RemoveRange(index, length);
                return;
            }

            (YObject attributes, SortedDictionary<string, string> set) = Attributes(random, withNull: true);
            operations.Add($"format {index} {length} {(YValue)attributes}");
            text.Format(index, length, attributes);
            for (int i = index; i < index + length; i++)
                model[i] = model[i].With(attributes, set);
        }
    }

    private static (YObject Attributes, SortedDictionary<string, string> Set) Attributes(Random random, bool withNull)
    {
        YObject attributes = [];
        SortedDictionary<string, string> set = new(StringComparer.Ordinal);
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            string name = Names[random.Next(Names.Length)];
            YValue value = withNull && random.Next(3) == 0 ? YValue.Null : random.Next(2) == 0 ? true : "red";
            attributes[name] = value;
            if (value.IsNull)
                set.Remove(name);
            else
                set[name] = value.ToString();
        }

        return (attributes, set);
    }

    private static List<Unit> Read(YText text)
    {
        List<Unit> units = [];
        foreach (YDeltaOp op in text.ToDelta())
        {
            SortedDictionary<string, string> attributes = new(StringComparer.Ordinal);
            foreach ((string name, YValue value) in op.Attributes ?? [])
                attributes[name] = value.ToString();
            if (op.Insert.Kind == YValueKind.String)
                units.AddRange(op.Insert.AsString().Select(c => new Unit(c.ToString(), attributes)));
            else
                units.Add(new Unit(op.Insert.ToString(), attributes));
        }

        return units;
    }

    private static string Print(List<Unit> units) => string.Concat(units);

    private static void Same(List<Unit> model, YText text)
    {
        Assert.Equal(Print(model), Print(Read(text)));
        Assert.Equal(model.Count, text.Length);
        Assert.Equal(string.Concat(model.Where(unit => unit.Content.Length == 1).Select(unit => unit.Content)), text.ToString());
    }

    private sealed record Unit(string Content, SortedDictionary<string, string> Attributes)
    {
        public Unit With(YObject attributes, SortedDictionary<string, string> set)
        {
            SortedDictionary<string, string> result = new(Attributes, StringComparer.Ordinal);
            foreach (string name in attributes.Keys)
            {
                if (set.TryGetValue(name, out string? value))
                    result[name] = value;
                else
                    result.Remove(name);
            }

            return this with { Attributes = result };
        }

        public override string ToString() => $"{Content}[{string.Join(',', Attributes.Select(a => $"{a.Key}={a.Value}"))}]";
    }
}
