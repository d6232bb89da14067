using CoEdit.Crdt;

namespace CoEdit.MicroBench;

/// <summary>What the benchmarks work on, made from a fixed seed.</summary>
internal static class Samples
{
    private const int Seed = 20_000;

    /// <summary>The update of every keystroke of somebody who writes words, goes back, and deletes.</summary>
    public static byte[][] Typing(int keystrokes) => Record(1, doc =>
    {
        var random = new Random(Seed);
        YText text = doc.GetText("text");
        int cursor = 0;
        for (int i = 0; i < keystrokes; i++)
        {
            if (random.Next(40) == 0)
                cursor = random.Next(text.Length + 1);
            if (cursor > 0 && random.Next(6) == 0)
                text.Delete(--cursor, 1);
            else
                text.Insert(cursor++, Letter(random));
        }
    });

    /// <summary>Updates that each insert at a random place: many small structs, nothing that could be merged.</summary>
    public static byte[][] Scattered(int edits) => Record(1, doc => Scatter(doc, edits));

    /// <summary>The same as one state.</summary>
    public static byte[] ScatteredState(int edits)
    {
        YDoc doc = NewDoc(1);
        Scatter(doc, edits);
        return doc.EncodeStateAsUpdate();
    }

    /// <summary>One update of each of many clients, all of which insert at the start of the text without knowing of each other.</summary>
    public static byte[][] Conflicting(int clients) =>
        [.. Enumerable.Range(1, clients).SelectMany(client => Record((ulong)client, doc => doc.GetText("text").Insert(0, "conflict")))];

    /// <summary>A document of maps in an array, as boards and forms are.</summary>
    public static byte[] MapsState(int maps)
    {
        YDoc doc = NewDoc(1);
        YArray array = doc.GetArray("array");
        for (int i = 0; i < maps; i++)
        {
            var map = new YMap();
            array.Push(map);
            map.Set("id", i);
            map.Set("title", $"Card {i}");
            map.Set("done", i % 2 == 0);
        }

        return doc.EncodeStateAsUpdate();
    }

    /// <summary>A document with a fixed client id and the root that all samples edit.</summary>
    public static YDoc NewDoc(ulong client)
    {
        var doc = new YDoc(new YDocOptions { ClientId = client });
        doc.GetText("text");
        return doc;
    }

    private static byte[][] Record(ulong client, Action<YDoc> edit)
    {
        var updates = new List<byte[]>();
        YDoc doc = NewDoc(client);
        doc.Updated += (update, _) => updates.Add(update.ToArray());
        edit(doc);
        return [.. updates];
    }

    private static void Scatter(YDoc doc, int edits)
    {
        var random = new Random(Seed);
        YText text = doc.GetText("text");
        for (int i = 0; i < edits; i++)
            text.Insert(random.Next(text.Length + 1), Letter(random));
    }

    private static string Letter(Random random) => ((char)('a' + random.Next(26))).ToString();
}
