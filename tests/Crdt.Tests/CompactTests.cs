using Xunit;

namespace CoEdit.Crdt.Tests;

public class CompactTests
{
    [Fact]
    public void Deleted_text_loses_its_letters_and_keeps_its_place()
    {
        UpdateStore store = Stores.From(
            new UpdateBuilder().Section(1, 0).Text("abcdefghijklm", right: new Id(2, 0)).Section(2, 0).Text("!").Delete(1, 4, 7).Build());
        CompactResult result = store.Compact();
        store.CheckInvariants();
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder()
                .Section(2, 0).Text("!")
                .Section(1, 0).Text("abcd", right: new Id(2, 0))
                .Deleted(7, new Id(1, 3), new Id(2, 0))
                .Text("lm", new Id(1, 10), new Id(2, 0))
                .Delete(1, 4, 7).Build()),
            store.Hex());
        Assert.Equal((2, 4), (result.StructsBefore, result.StructsAfter));
        Assert.Equal(store.StoredBytes - 8, result.BytesAfter);
    }

    [Fact]
    public void The_first_part_keeps_its_parent_and_key()
    {
        UpdateStore store = Stores.From(
            new UpdateBuilder().Section(1, 0).Item(StructKind.Any, [2, 126, 120], key: "k").Delete(1, 0, 1).Build());
        store.Compact();
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 0)
                .Item(StructKind.Deleted, [1], key: "k").Item(StructKind.Any, [1, 120], new Id(1, 0))
                .Delete(1, 0, 1).Build()),
            store.Hex());
    }

    [Theory]
    [InlineData(nameof(StructKind.Binary), "03010203")]
    [InlineData(nameof(StructKind.Embed), "027b7d")]
    [InlineData(nameof(StructKind.Format), "0161 0131")]
    [InlineData(nameof(StructKind.Type), "030170")]
    [InlineData(nameof(StructKind.Doc), "01617600")]
    public void Content_of_one_unit_becomes_a_deleted_unit(string kind, string content)
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0)
            .Text("a").Item(Enum.Parse<StructKind>(kind), Bytes.FromHex(content), new Id(1, 0))
            .Delete(1, 1, 1).Build());
        store.Compact();
        store.CheckInvariants();
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("a").Deleted(1, new Id(1, 0)).Delete(1, 1, 1).Build()), store.Hex());
    }

    [Fact]
    public void Pieces_that_continue_each_other_are_joined_and_others_are_not()
    {
        UpdateBuilder update = new UpdateBuilder().Section(1, 0).Text("a")
            .Text("b", new Id(1, 0)).Text("c", new Id(1, 1))
            .Text("d", new Id(1, 1))
            .Item(StructKind.Json, Bytes.FromHex("01 0131"), new Id(1, 3)).Item(StructKind.Json, Bytes.FromHex("01 0132"), new Id(1, 4))
            .Item(StructKind.Any, [1, 126], new Id(1, 5)).Item(StructKind.Any, [1, 120], new Id(1, 6))
            .Gc(2).Gc(3)
            .Deleted(1, new Id(1, 0)).Deleted(2, new Id(1, 13));
        UpdateStore store = Stores.From(update.Build());
        store.Compact();
        store.CheckInvariants();
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("abc").Text("d", new Id(1, 1))
                .Item(StructKind.Json, Bytes.FromHex("02 0131 0132"), new Id(1, 3)).Item(StructKind.Any, [2, 126, 120], new Id(1, 5))
                .Gc(5).Deleted(3, new Id(1, 0)).Delete(1, 8, 8).Build()),
            store.Hex());
    }

    [Fact]
    public void Typing_goes_on_after_compaction()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("abc").Delete(1, 0, 1).Build());
        store.Compact();
        Assert.Throws<InvalidOperationException>(() => store.NovelPart());
        store.Apply(new UpdateBuilder().Section(1, 3).Text("d", new Id(1, 2)).Build());
        store.CheckInvariants();
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 0).Deleted(1).Text("bcd", new Id(1, 0)).Delete(1, 0, 1).Build()), store.Hex());
    }

    [Fact]
    public void Parked_structs_and_future_deletes_survive_compaction()
    {
        byte[] update = new UpdateBuilder().Section(1, 0).Text("ab").Skip(3).Text("f", new Id(1, 4))
            .Delete(1, 1, 1).Delete(1, 3, 9).Build();
        UpdateStore store = Stores.From(update);
        store.Compact();
        store.CheckInvariants();
        Assert.Equal(1, store.PendingStructs);
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 0)
                .Text("a").Deleted(1, new Id(1, 0)).Skip(3).Text("f", new Id(1, 4))
                .Delete(1, 1, 1).Delete(1, 3, 9).Build()),
            store.Hex());
    }

    [Fact]
    public void Compacting_a_recorded_session_changes_neither_clocks_nor_deletes_and_happens_once()
    {
        foreach (Session session in Session.All)
        {
            foreach (bool tiny in new[] { false, true })
            {
                UpdateStore store = Stores.New(tiny: tiny);
                foreach (byte[] update in session.Updates)
                    store.Apply(update);
                List<ClockRange> deletes = store.Deletes();
                CompactResult result = store.Compact();
                store.CheckInvariants();
                Assert.Equal(session.StateVector, store.EncodeStateVector());
                Assert.Equal(deletes, store.Deletes());
                string compacted = store.Hex();
                Assert.Equal(result.BytesAfter, store.Compact().BytesAfter);
                Assert.Equal(compacted, store.Hex());
                Assert.Equal(compacted, Stores.From(store.EncodeState()).Hex());
                foreach (byte[] update in session.Updates)
                    Assert.Equal(ApplyOutcome.Nothing, store.Apply(update).Outcome);
            }
        }
    }

    [Fact]
    public void Compaction_of_text_forgets_how_it_was_delivered()
    {
        foreach (string kind in new[] { "text", "richtext", "typing" })
        {
            Session session = Session.Named(kind);
            UpdateStore forward = Stores.From(session.Updates);
            UpdateStore backward = Stores.From([.. session.Updates.Reverse()]);
            forward.Compact();
            backward.Compact();
            Assert.Equal(forward.Hex(), backward.Hex());
        }
    }
}
