using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Events of lists so long that only the changed places are looked at: the same as if the whole list were.</summary>
public sealed class LongListEventTests
{
    [Fact]
    public void Deltas_of_changed_places_equal_deltas_of_whole_lists() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YDoc peer = new(new YDocOptions { ClientId = 2 });
        YText text = doc.GetText("t");
        YArray array = doc.GetArray("a");
        text.Insert(0, new string('.', 400));
        array.Push([.. Enumerable.Range(0, 400).Select(i => (YValue)i)]);
        peer.ApplyUpdate(doc.EncodeStateAsUpdate());
        bool answering = false;
        text.Observed += change =>
        {
            if (!answering && random.Next(6) == 0)
            {
                answering = true;
                operations.Add("answer");
                doc.Transact(_ => Edit(doc, random, operations));
                answering = false;
            }

            Assert.Equal(Show(TextEventDelta.Read(change, doc.Store, text.Handle, whole: true)), Show(change.Delta));
        };
        array.Observed += change => Assert.Equal(Show(ListEventDelta.Read(change, doc.Store, array.Handle, whole: true)), Show(change.Delta));
        for (int step = 0; step < 60; step++)
        {
            if (random.Next(3) == 0)
                doc.ApplyUpdate(peer.EncodeStateAsUpdate(doc.EncodeStateVector()));
            else if (random.Next(3) == 0)
                peer.ApplyUpdate(doc.EncodeStateAsUpdate(peer.EncodeStateVector()));
            YDoc editor = random.Next(2) == 0 ? doc : peer;
            operations.Add($"by {editor.ClientId}");
            editor.Transact(_ =>
            {
                for (int i = random.Next(4); i >= 0; i--)
                    Edit(editor, random, operations);
            });
        }

        Assert.Equal(doc.Store.Type(array.Handle).Length, array.ToArray().Length);
        DocInvariants.Check(doc);
    });

    [Fact]
    public void Changes_at_several_places_are_one_delta()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YText text = doc.GetText("t");
        text.Insert(0, new string('x', 1_000));
        text.Delete(500, 10);
        IReadOnlyList<YDeltaOp>? delta = null;
        text.Observed += change => delta = change.Delta;
        doc.Transact(_ =>
        {
            text.Insert(900, "later");
            text.Delete(490, 20);
            text.Insert(490, "y");
            text.Insert(0, "first");
        });
        Assert.Equal(
            """{"insert":"first"} {"retain":490} {"delete":20} {"insert":"y"} {"retain":390} {"insert":"later"}""", Show(delta!));
    }

    private static void Edit(YDoc doc, Random random, List<string> operations)
    {
        YText text = doc.GetText("t");
        YArray array = doc.GetArray("a");
        int at = random.Next(text.Length);
        int place = random.Next(array.Count);
        operations.Add($"{at} {place}");
        text.Insert(at, random.Next(2) == 0 ? "ab" : "c");
        array.Insert(place, random.Next(100), new byte[] { 7 });
        if (random.Next(2) == 0)
        {
            text.Delete(random.Next(text.Length - 3), 3);
            array.Delete(random.Next(array.Count - 2), 2);
        }
    }

    private static string Show(IReadOnlyList<YDeltaOp> delta) => string.Join(' ', delta.Select(op => op.ToJson().ToString()));
}
