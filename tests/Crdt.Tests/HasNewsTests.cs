using Xunit;

namespace CoEdit.Crdt.Tests;

public class HasNewsTests
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
            bool news = store.HasNews(update);
            Assert.Equal(before, store.Hex());
            Assert.Equal(news, store.Apply(update).Outcome != ApplyOutcome.Nothing);
            Assert.False(store.HasNews(update));
        }

        Assert.False(store.HasNews(session.State));
        Assert.False(store.HasNews(store.EncodeState()));
    }

    [Fact]
    public void A_deletion_alone_is_news_once()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("abc").Build());
        byte[] deletion = [0, 1, 1, 1, 1, 1];

        Assert.True(store.HasNews(deletion));
        store.Apply(deletion);

        Assert.False(store.HasNews(deletion));
        Assert.True(store.HasNews([0, 1, 1, 1, 1, 2]));
    }

    [Fact]
    public void A_malformed_update_is_told_apart_from_one_without_news() =>
        Assert.Throws<MalformedUpdateException>(() => new UpdateStore().HasNews([1, 2, 3]));
}
