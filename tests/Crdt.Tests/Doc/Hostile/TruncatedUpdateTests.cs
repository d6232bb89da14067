using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Real updates and vectors that end too early are refused without a trace.</summary>
public sealed class TruncatedUpdateTests
{
    private static readonly List<(byte[] V1, byte[] V2)> Recorded = [.. States()];

    [Fact]
    public void An_update_that_ends_anywhere_leaves_no_trace()
    {
        YDoc doc = Occupied();
        int events = 0;
        doc.BeforeTransaction += _ => events++;
        doc.Updated += (_, _) => events++;
        byte[] before = doc.EncodeStateAsUpdate();
        byte[] vector = doc.EncodeStateVector();
        int clients = doc.Store.ClientCount;
        foreach ((byte[] v1, byte[] v2) in Recorded)
        {
            for (int length = 0; length < v1.Length; length++)
                Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdate(v1.AsSpan(0, length)));
            for (int length = 0; length < v2.Length; length++)
                Assert.Throws<MalformedUpdateException>(() => doc.ApplyUpdateV2(v2.AsSpan(0, length)));
            Assert.Equal(before, doc.EncodeStateAsUpdate());
        }

        Assert.Equal(vector, doc.EncodeStateVector());
        Assert.Equal(0, events);
        Assert.Equal(clients, doc.Store.ClientCount);
        DocInvariants.Check(doc);
    }

    [Fact]
    public void A_state_vector_that_ends_anywhere_is_refused()
    {
        YDoc doc = Occupied();
        byte[] vector = Bytes.FromHex("03 e807 05 03 01 8101 ff01");
        for (int length = 1; length < vector.Length; length++)
        {
            Assert.Throws<MalformedUpdateException>(() => doc.EncodeStateAsUpdate(vector.AsSpan(0, length)));
            Assert.Throws<MalformedUpdateException>(() => doc.EncodeStateAsUpdateV2(vector.AsSpan(0, length)));
        }

        foreach (string wrong in new[] { "ffffffffffffff0f", "01 01 8080808008", "01 ffffffffffffff1f 01", "01 01 ffffffffffffffff7f" })
            Assert.Throws<MalformedUpdateException>(() => doc.EncodeStateAsUpdate(Bytes.FromHex(wrong)));
    }

    [Fact]
    public void A_vector_of_someone_who_knows_more_gets_the_deletions_only()
    {
        YDoc doc = new(new YDocOptions { ClientId = 1 });
        doc.GetText("t").Insert(0, "abc");
        doc.GetText("t").Delete(1, 1);
        Assert.Equal("000101010101", Bytes.ToHex(doc.EncodeStateAsUpdate(Bytes.FromHex("02 09 09 01 ffffffff07"))));
    }

    // A document with content, with something that waits, and with a deletion that waits.
    private static YDoc Occupied()
    {
        YDoc doc = new(new YDocOptions { ClientId = 500 });
        doc.GetText("mine").Insert(0, "content");
        doc.GetText("mine").Delete(2, 2);
        doc.ApplyUpdate(new UpdateBuilder().Section(501, 3).Text("late", new Id(501, 2)).Delete(502, 7, 2).Build());
        Assert.True(doc.HasPending);
        return doc;
    }

    internal static IEnumerable<(byte[] V1, byte[] V2)> States() =>
        from scenario in RecordedBehaviourTests.Scenarios().Values
        let result = scenario.GetProperty("results").EnumerateArray().Last()
        select (Bytes.FromHex(result.GetProperty("v1").GetString()!), Bytes.FromHex(result.GetProperty("v2").GetString()!));
}
