using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Plain copies that follow documents by their events, positions that follow their letters, and undo against copies of the past.</summary>
public sealed class MirrorTests
{
    [Fact]
    public void Who_applies_the_deltas_of_events_has_the_same_text() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        YText[] mirrors = new YText[network.Docs.Length];
        for (int i = 0; i < mirrors.Length; i++)
        {
            YText mirror = mirrors[i] = new YDoc().GetText("t");
            network.Docs[i].GetText("t").Observed += change => mirror.ApplyDelta(change.Delta);
        }

        for (int i = 0; i < 150; i++)
        {
            int at = random.Next(mirrors.Length);
            if (random.Next(2) == 0 || !network.Deliver(at))
            {
                YText text = network.Docs[at].GetText("t");
                network.Docs[at].Transact(_ =>
                {
                    for (int k = random.Next(1, 4); k > 0; k--)
                        Edit(random, operations, text);
                });
            }

            for (int k = 0; k < mirrors.Length; k++)
                Assert.Equal(Units(network.Docs[k].GetText("t")), Units(mirrors[k]));
        }

        network.Converge(doc => string.Concat(Units(doc.GetText("t"))));
    });

    [Fact]
    public void Who_applies_the_steps_and_keys_of_events_has_the_same_list_and_map() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        List<YValue>[] lists = [.. network.Docs.Select(_ => new List<YValue>())];
        Dictionary<string, YValue>[] maps = [.. network.Docs.Select(_ => new Dictionary<string, YValue>())];
        for (int i = 0; i < lists.Length; i++)
        {
            List<YValue> list = lists[i];
            Dictionary<string, YValue> map = maps[i];
            network.Docs[i].GetArray("a").Observed += change => Follow(list, change.Delta);
            network.Docs[i].GetMap("m").Observed += change => Follow(map, change);
        }

        for (int i = 0; i < 200; i++)
        {
            int at = random.Next(lists.Length);
            if (random.Next(2) == 0 || !network.Deliver(at))
            {
                YArray array = network.Docs[at].GetArray("a");
                YMap map = network.Docs[at].GetMap("m");
                network.Docs[at].Transact(_ =>
                {
                    operations.Add($"{at} changes");
                    for (int k = random.Next(1, 4); k > 0; k--)
                        Edit(random, array, map, i);
                });
            }

            for (int k = 0; k < lists.Length; k++)
            {
                Assert.Equal(network.Docs[k].GetArray("a").ToArray(), lists[k]);
                Assert.Equal(
                    network.Docs[k].GetMap("m").OrderBy(entry => entry.Key, StringComparer.Ordinal), maps[k].OrderBy(entry => entry.Key, StringComparer.Ordinal));
            }
        }

        network.Converge(doc => doc.GetArray("a").ToJson().ToString());
    });

    [Fact]
    public void A_relative_position_stays_with_its_letter() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        YDoc doc = network.Docs[0];
        YText text = doc.GetText("t");
        text.Insert(0, "[The quick brown fox]");
        RelativePosition before = RelativePosition.Create(text, text.ToString().IndexOf('q', StringComparison.Ordinal));
        RelativePosition behind = RelativePosition.Create(text, text.ToString().IndexOf('q', StringComparison.Ordinal) + 1, assoc: -1);
        before = RelativePosition.Decode(before.Encode());
        behind = RelativePosition.Decode(behind.Encode());
        for (int i = 0; i < 100; i++)
        {
            int at = random.Next(network.Docs.Length);
            YText other = network.Docs[at].GetText("t");
            if (random.Next(2) == 0 || !network.Deliver(at))
            {
                int index = random.Next(other.Length + 1);
                bool delete = random.Next(3) == 0 && index < other.Length && other.ToString()[index] != 'q';
                operations.Add($"{at} {(delete ? "deletes" : "types")} at {index}");
                if (delete)
                    other.Delete(index, 1);
                else
                    other.Insert(index, "-");
            }

            int letter = other.ToString().IndexOf('q', StringComparison.Ordinal);
            if (letter >= 0)
            {
                Assert.Equal(letter, before.Resolve(network.Docs[at])!.Index);
                Assert.Equal(letter + 1, behind.Resolve(network.Docs[at])!.Index);
            }
        }
    });

    [Fact]
    public void Undoing_and_redoing_walks_through_the_past() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YText text = doc.GetText("t");
        YArray array = doc.GetArray("a");
        YMap map = doc.GetMap("m");
        using UndoManager undo = new([text, array, map], new UndoManagerOptions { CaptureTimeout = TimeSpan.Zero });
        List<string> past = [View()];
        for (int i = 0; i < 60; i++)
        {
            int stack = undo.UndoStack.Count;
            doc.Transact(_ =>
            {
                if (random.Next(2) == 0)
                    Edit(random, operations, text);
                else
                    Edit(random, array, map, i);
            });
            if (undo.UndoStack.Count > stack)
                past.Add(View());
            else
                Assert.Equal(past[^1], View());
            DocInvariants.Check(doc);
        }

        for (int round = 0; round < 3; round++)
        {
            int to = random.Next(past.Count);
            for (int i = past.Count - 2; i >= to; i--)
            {
                Assert.NotNull(undo.Undo());
                operations.Add($"undo to {i}");
                Assert.Equal(past[i], View());
                DocInvariants.Check(doc);
            }

            for (int i = to + 1; i < past.Count; i++)
            {
                Assert.NotNull(undo.Redo());
                operations.Add($"redo to {i}");
                Assert.Equal(past[i], View());
                DocInvariants.Check(doc);
            }
        }

        YDoc copy = new();
        copy.ApplyUpdate(doc.EncodeStateAsUpdate());
        Assert.Equal(Units(text), Units(copy.GetText("t")));

        string View() => string.Concat(Units(text)) + array.ToJson() + string.Join(' ', map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
    });

    private static void Edit(Random random, List<string> operations, YText text)
    {
        int index = random.Next(text.Length + 1);
        int length = Math.Min(random.Next(1, 6), text.Length - index);
        switch (random.Next(6))
        {
            case 0 when length > 0:
                operations.Add($"delete {index} {length}");
                text.Delete(index, length);
                break;
            case 1 when length > 0:
                YObject attributes = new() { [random.Next(2) == 0 ? "bold" : "em"] = random.Next(3) == 0 ? YValue.Null : true };
                operations.Add($"format {index} {length} {(YValue)attributes}");
                text.Format(index, length, attributes);
                break;
            case 2:
                operations.Add($"embed {index}");
                text.InsertEmbed(index, new YObject { ["e"] = operations.Count });
                break;
            default:
                operations.Add($"insert {index}");
                text.Insert(index, $"w{operations.Count}");
                break;
        }
    }

    private static void Edit(Random random, YArray array, YMap map, int value)
    {
        switch (random.Next(5))
        {
            case 0 when array.Count > 0:
                array.Delete(random.Next(array.Count));
                break;
            case 1:
                map.Delete($"k{random.Next(4)}");
                break;
            case 2:
                map.Set($"k{random.Next(4)}", value);
                break;
            default:
                array.Insert(random.Next(array.Count + 1), value, $"v{value}");
                break;
        }
    }

    private static void Follow(List<YValue> list, IReadOnlyList<YDeltaOp> steps)
    {
        int at = 0;
        foreach (YDeltaOp step in steps)
        {
            at += step.Retain;
            if (step.Delete > 0)
                list.RemoveRange(at, step.Delete);
            if (step.Insert.Kind != YValueKind.Array)
                continue;
            list.InsertRange(at, step.Insert.AsArray());
            at += step.Insert.AsArray().Count;
        }
    }

    private static void Follow(Dictionary<string, YValue> map, YEvent change)
    {
        foreach ((string key, YKeyChange how) in change.Keys)
        {
            Assert.Equal(how.Action != YKeyAction.Add, map.TryGetValue(key, out YValue old));
            if (how.Action != YKeyAction.Add)
                Assert.Equal(old, how.OldValue);
            if (how.Action == YKeyAction.Delete)
                map.Remove(key);
            else
                map[key] = ((YMap)change.Target)[key];
        }
    }

    private static List<string> Units(YText text)
    {
        List<string> units = [];
        foreach (YDeltaOp op in text.ToDelta())
        {
            string attributes = string.Join(',', (op.Attributes ?? []).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}"));
            if (op.Insert.Kind == YValueKind.String)
                units.AddRange(op.Insert.AsString().Select(c => $"{c}[{attributes}]"));
            else
                units.Add($"{op.Insert}[{attributes}]");
        }

        return units;
    }
}
