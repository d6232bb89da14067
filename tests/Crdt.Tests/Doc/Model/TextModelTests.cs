using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A text against a plain string, alone and among others.</summary>
public sealed class TextModelTests
{
    private static readonly string[] Words = ["a", "bc", "word ", "é", "中文", "\ud83d\ude00", "x\ud83d\ude80y", "\n", "a longer piece of text"];

    [Fact]
    public void A_text_that_one_person_edits_is_a_string() => RandomRounds.Run((random, operations) =>
    {
        YDoc doc = new(new YDocOptions { ClientId = 1, Gc = random.Next(2) == 0 });
        YText text = doc.GetText("t");
        YDoc follower = new();
        doc.Updated += (update, _) => follower.ApplyUpdate(update.Span);
        string model = "";
        for (int i = 0; i < 1500; i++)
        {
            model = Edit(random, operations, text, model, longest: 4000);
            Assert.Equal(model.Length, text.Length);
            if (i % 50 == 0)
            {
                Assert.Equal(model, text.ToString());
                DocInvariants.Check(doc);
            }
        }

        Assert.Equal(model, text.ToString());
        Assert.Equal(model, follower.GetText("t").ToString());
        Assert.Equal(doc.EncodeStateVector(), follower.EncodeStateVector());
        DocInvariants.Check(follower);
        foreach (byte[] state in new[] { doc.EncodeStateAsUpdate(), YUpdate.ConvertV2ToV1(doc.EncodeStateAsUpdateV2()) })
        {
            YDoc copy = new();
            copy.ApplyUpdate(state);
            Assert.Equal(model, copy.GetText("t").ToString());
        }
    });

    [Fact]
    public void Replicas_of_a_text_converge() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations, random.Next(2, 5));
        for (int i = 0; i < 250; i++)
        {
            int at = random.Next(network.Docs.Length);
            if (random.Next(5) < 2 && network.Deliver(at))
                continue;
            YDoc doc = network.Docs[at];
            YText text = doc.GetText("t");
            string model = text.ToString();
            if (random.Next(4) == 0)
            {
                // Several changes as one update.
                doc.Transact(_ =>
                {
                    for (int k = random.Next(1, 5); k > 0; k--)
                        model = Edit(random, operations, text, model, longest: 60);
                });
            }
            else
            {
                model = Edit(random, operations, text, model, longest: 60);
            }

            Assert.Equal(model, text.ToString());
            Assert.Equal(model.Length, text.Length);
            DocInvariants.Check(doc);
        }

        network.Converge(doc => doc.GetText("t").ToString());
    });

    [Fact]
    public void What_was_typed_by_one_person_stays_together_while_others_type_at_the_same_place() => RandomRounds.Run((random, operations) =>
    {
        Network network = new(random, operations);
        for (int i = 0; i < 12; i++)
        {
            for (int at = 0; at < network.Docs.Length; at++)
                network.Docs[at].GetText("t").Insert(i, ((char)('a' + at)).ToString());
        }

        network.Converge(doc => doc.GetText("t").ToString());
        string text = network.Docs[0].GetText("t").ToString();
        Assert.Equal(36, text.Length);
        foreach (char c in "abc")
            Assert.Contains(new string(c, 12), text, StringComparison.Ordinal);
    });

    private static string Edit(Random random, List<string> operations, YText text, string model, int longest)
    {
        if (model.Length == 0 || (random.Next(5) < 3 && model.Length < longest))
        {
            int index = random.Next(3) == 0 ? model.Length : random.Next(model.Length + 1);
            string word = Words[random.Next(Words.Length)];
            operations.Add($"insert {index} {word.Length}");
            text.Insert(index, word);
            return Cut(model, index).Insert(index, word);
        }
        else
        {
            int index = random.Next(model.Length);
            int length = Math.Min(random.Next(1, random.Next(10) == 0 ? 200 : 6), model.Length - index);
            operations.Add($"delete {index} {length}");
            text.Delete(index, length);
            return Cut(Cut(model, index), index + length).Remove(index, length);
        }
    }

    // A cut inside a surrogate pair leaves two replacement characters.
    private static string Cut(string text, int index) =>
        index > 0 && index < text.Length && char.IsHighSurrogate(text[index - 1])
            ? string.Concat(text.AsSpan(0, index - 1), "\ufffd\ufffd", text.AsSpan(index + 1))
            : text;
}
