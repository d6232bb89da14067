using Xunit;

namespace CoEdit.Crdt.Tests;

public class FindNewsTests
{
    public static TheoryData<string> Names => [.. Session.All.Select(static session => session.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_says_beforehand_whether_an_update_changes_something_and_changes_nothing_itself(string name)
    {
        Session session = Session.Named(name);
        UpdateStore store = new();
        foreach (byte[] update in session.Updates.Reverse()) // newest first: parked structs and deletions of what is not here
        {
            string before = store.Hex();
            UpdateNews news = store.FindNews(update);
            Assert.Equal(before, store.Hex());
            Assert.Equal(news != UpdateNews.Nothing, store.Apply(update).Outcome != ApplyOutcome.Nothing);
            Assert.Equal(UpdateNews.Nothing, store.FindNews(update));
        }

        // Real Yjs has integrated the same updates, which may have deleted more than they say.
        Assert.NotEqual(UpdateNews.Structs, store.FindNews(session.State));
        Assert.Equal(UpdateNews.Nothing, store.FindNews(store.EncodeState()));
    }

    [Fact]
    public void A_deletion_alone_is_news_once()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("abc").Build());
        byte[] deletion = [0, 1, 1, 1, 1, 1];

        Assert.Equal(UpdateNews.Deletions, store.FindNews(deletion));
        store.Apply(deletion);

        Assert.Equal(UpdateNews.Nothing, store.FindNews(deletion));
        Assert.Equal(UpdateNews.Deletions, store.FindNews([0, 1, 1, 1, 1, 2]));
        Assert.Equal(UpdateNews.Structs, store.FindNews(new UpdateBuilder().Section(1, 3).Text("d", new Id(1, 2)).Build()));
    }

    [Fact]
    public void A_malformed_update_is_told_apart_from_one_without_news() =>
        Assert.Throws<MalformedUpdateException>(() => new UpdateStore().FindNews([1, 2, 3]));
}
