using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Large updates, which take a short way into the document.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_state_in_one_piece_makes_the_same_document_as_the_updates_one_by_one(int seed)
    {
        Random random = new(seed);
        YDoc[] authors = [.. Enumerable.Range(0, 4).Select(i => new YDoc(new YDocOptions { ClientId = 300 + (ulong)(i * 77) }))];
        YDoc follower = new();
        List<byte[]> updates = [];
        foreach (YDoc author in authors)
            author.Updated += (update, transaction) => { if (transaction.IsLocal) updates.Add(update.ToArray()); };
        for (int i = 0; i < 600; i++)
        {
            YDoc author = authors[random.Next(authors.Length)];
            if (random.Next(4) == 0)
                author.ApplyUpdate(authors[random.Next(authors.Length)].EncodeStateAsUpdate());
            else
                Edit(author, random);
        }

        foreach (byte[] update in updates)
            follower.ApplyUpdate(update);
        YDoc merged = new();
        merged.ApplyUpdate(YUpdate.MergeUpdates([.. updates.Select(update => (ReadOnlyMemory<byte>)update)]));
        byte[] state = follower.EncodeStateAsUpdate();
        YDoc loaded = new();
        loaded.ApplyUpdate(state);
        YDoc batched = new();
        batched.Transact(_ => updates.ForEach(update => batched.ApplyUpdate(update)));
        foreach (YDoc doc in new[] { merged, loaded, batched })
        {
            Assert.False(doc.HasPending);
            Assert.Equal(follower.GetText("t").ToString(), doc.GetText("t").ToString());
            Assert.Equal(follower.GetArray("a").ToJson().ToString(), doc.GetArray("a").ToJson().ToString());
            Assert.Equal(Bytes.ToHex(follower.EncodeStateVector()), Bytes.ToHex(doc.EncodeStateVector()));
        }

        Assert.Equal(Bytes.ToHex(state), Bytes.ToHex(loaded.EncodeStateAsUpdate()));
    }

    [Fact]
    public void A_range_that_begins_with_a_deleted_run_and_ends_in_live_text_deletes_both()
    {
        UpdateBuilder update = new UpdateBuilder().Section(5, 0).Text("ab");
        for (uint i = 0; i < 12; i++)
            update.Deleted(1, origin: new Id(5, i + 1));
        update.Text("xyz", origin: new Id(5, 13)).Delete(5, 0, 1).Delete(5, 3, 2).Delete(5, 10, 5);
        YDoc doc = new();
        YText text = doc.GetText("t");
        doc.ApplyUpdate(update.Build());
        Assert.Equal("byz", text.ToString());
    }

    [Fact]
    public void Deletions_in_another_order_than_the_deleted_runs_are_not_overlooked()
    {
        UpdateBuilder update = new UpdateBuilder().Section(9, 0).Text("ab");
        for (uint i = 0; i < 5; i++)
            update.Deleted(1, origin: new Id(9, i + 1));
        update.Section(5, 0).Text("cd");
        for (uint i = 0; i < 5; i++)
            update.Deleted(1, origin: new Id(5, i + 1));
        update.Delete(5, 4, 1).Delete(5, 0, 1).Delete(9, 3, 2).Delete(9, 1, 1);
        YDoc doc = new();
        YText text = doc.GetText("t");
        doc.ApplyUpdate(update.Build());
        Assert.Equal(2, text.Length);
        Assert.DoesNotContain('b', text.ToString());
        Assert.DoesNotContain('c', text.ToString());
    }

    [Fact]
    public void A_client_id_spelled_with_more_bytes_than_it_needs_is_the_same_client()
    {
        UpdateBuilder update = new UpdateBuilder().Section(5, 0).Text("a");
        byte[] spelledLong = [0x84, 0x85, 0x80, 0x00, 0, 1, (byte)'b'];
        byte[] spelledShort = [0x84, 0x05, 1, 1, (byte)'c'];
        update.Raw(spelledLong).Raw(spelledShort);
        for (uint i = 0; i < 10; i++)
            update.Text("d", origin: new Id(5, i + 2));
        YDoc doc = new();
        YText text = doc.GetText("t");
        doc.ApplyUpdate(update.Build());
        Assert.Equal("abcdddddddddd", text.ToString());
        Assert.Equal("01050d", Bytes.ToHex(doc.EncodeStateVector()));
    }

    private static void Edit(YDoc author, Random random)
    {
        YText text = author.GetText("t");
        YArray array = author.GetArray("a");
        switch (random.Next(6))
        {
            case 0 when text.Length > 3:
                text.Delete(random.Next(text.Length - 2), 2);
                break;
            case 1 when array.Count > 1:
                array.Delete(random.Next(array.Count), 1);
                break;
            case 2:
                array.Insert(random.Next(array.Count + 1), [random.Next(1000), "x"]);
                break;
            default:
                text.Insert(random.Next(text.Length + 1), random.Next(8) == 0 ? "é\u20AC" : "words"[..random.Next(1, 6)]);
                break;
        }
    }
}
