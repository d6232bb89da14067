using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>The end of documents, as yjs 13.6.33 tells it.</summary>
public sealed class DestroyTests
{
    [Fact]
    public void Destroying_a_document_destroys_what_is_inside_once()
    {
        List<string> destroyed = [];
        YDoc doc = new();
        YDoc inner = new(new YDocOptions { Guid = "inner" });
        inner.Destroyed += subdoc => destroyed.Add(subdoc.Guid);
        doc.Destroyed += _ => destroyed.Add("parent");
        doc.GetArray("a").Push(inner);
        doc.Destroy();
        Assert.Equal(["inner", "parent"], destroyed);
        Assert.True(doc.IsDestroyed);
    }

    [Fact]
    public void A_destroyed_document_raises_no_events_and_can_be_read()
    {
        YDoc doc = new();
        int events = 0;
        doc.Updated += (_, _) => events++;
        doc.Destroyed += _ => events += 100;
        doc.GetText("t").Insert(0, "a");
        doc.Destroy();
        doc.Destroy();
        doc.GetText("t").Insert(1, "b");
        Assert.Equal(101, events);
        Assert.Equal("ab", doc.GetText("t").ToString());
    }

    [Fact]
    public void A_document_inside_itself_and_a_chain_of_100_000_documents_can_be_destroyed()
    {
        YDoc doc = new();
        doc.GetMap("m").Set("self", doc);
        doc.Destroy();
        Assert.True(doc.IsDestroyed);

        int destroyed = 0;
        YDoc first = new();
        YDoc at = first;
        for (int i = 0; i < 100_000; i++)
        {
            YDoc inner = new(new YDocOptions { Guid = "g" });
            inner.Destroyed += _ => destroyed++;
            at.GetMap("m").Set("d", inner);
            at = inner;
        }

        first.Destroy();
        Assert.Equal(100_000, destroyed);
    }

    [Fact]
    public void A_disposed_document_cannot_be_used_and_the_next_one_starts_empty()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        YText text = doc.GetText("t");
        YArray array = doc.GetArray("a");
        for (int i = 0; i < 2_000; i++)
            array.Insert(i / 2, new YArray(i));
        YArray nested = (YArray)array[0].AsType();
        RelativePosition position = RelativePosition.Create(array, 5);
        using UndoManager undo = new(doc);
        byte[] state = doc.EncodeStateAsUpdate();
        doc.Dispose();
        doc.Dispose();
        Assert.True(doc.IsDestroyed);
        Assert.Throws<ObjectDisposedException>(() => text.Length);
        Assert.Throws<ObjectDisposedException>(() => text.Insert(0, "x"));
        Assert.Throws<ObjectDisposedException>(() => nested[0]);
        Assert.Throws<ObjectDisposedException>(() => nested.Push(1));
        Assert.Throws<ObjectDisposedException>(() => nested.IsDeleted);
        Assert.Throws<ObjectDisposedException>(() => doc.ApplyUpdate(state));
        Assert.Throws<ObjectDisposedException>(() => doc.EncodeStateAsUpdate());
        Assert.Throws<ObjectDisposedException>(() => doc.GetText("t"));
        Assert.Throws<ObjectDisposedException>(() => position.Resolve(doc));
        Assert.Throws<ObjectDisposedException>(() => doc.GetSnapshot());

        YDoc next = new();
        next.ApplyUpdate(state);
        Assert.Equal(state, next.EncodeStateAsUpdate());
        DocInvariants.Check(next);
    }

    [Fact]
    public void A_document_is_not_disposed_of_inside_its_transactions()
    {
        YDoc doc = new();
        doc.GetText("t").Observed += _ => doc.Dispose();
        Assert.Throws<InvalidOperationException>(() => doc.GetText("t").Insert(0, "a"));
        Assert.Throws<InvalidOperationException>(() => doc.Transact(_ => doc.Dispose()));
        Assert.Equal("a", doc.GetText("t").ToString());
    }

    [Fact]
    public void The_replacement_of_a_subdocument_outlives_its_disposed_parent()
    {
        YDoc doc = new();
        doc.GetMap("m").Set("d", new YDoc());
        doc.Destroy();
        YDoc fresh = Assert.Single(doc.Subdocs);
        doc.Dispose();
        fresh.GetText("t").Insert(0, "a");
        fresh.Destroy();
        fresh.Dispose();
        Assert.True(fresh.IsDestroyed);
    }
}
