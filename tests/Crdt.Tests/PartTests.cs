using System.Buffers;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A long difference in parts: each stands on those before it, and together they are the whole.</summary>
public class PartTests
{
    public static TheoryData<string> Sessions => [.. Session.All.Select(session => session.Name)];

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Parts_of_recorded_sessions_need_nothing_that_comes_later_and_give_the_document(string name)
    {
        Session session = Session.All.Single(one => one.Name == name);
        UpdateStore store = Stores.New(tiny: true);
        foreach (byte[] update in session.Updates)
            store.Apply(update);
        foreach (int size in (int[])[8, 64, 500])
        {
            UpdateStore behind = new();
            foreach (byte[] part in Parts(store, new StateVector(), size))
            {
                behind.Apply(part);
                Assert.True(store.HasPending || behind.PendingStructs == 0, "A part depends on a later one.");
            }

            AssertEqual(store, behind);
        }
    }

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Whoever_has_the_beginning_gets_the_rest(string name)
    {
        Session session = Session.All.Single(one => one.Name == name);
        UpdateStore store = Stores.From(session.Updates);
        UpdateStore behind = Stores.From(session.Updates[..(session.Updates.Length / 2)]);
        if (behind.HasPending)
            behind = new UpdateStore();

        foreach (byte[] part in Parts(store, behind.GetStateVector(), 40))
            behind.Apply(part);

        AssertEqual(store, behind);
    }

    [Fact]
    public void What_changes_between_two_parts_is_in_a_later_one()
    {
        UpdateStore store = Stores.From(Chain(1, "first"), Chain(2, "second"), Chain(3, "third"));
        UpdateStore behind = new();
        var cursor = new DiffCursor(new StateVector());
        Assert.False(store.WritePart(cursor, 8, Writer(out ArrayBufferWriter<byte> one)));
        behind.Apply(one.WrittenSpan);

        store.Apply(new UpdateBuilder().Section(4, 0).Text("new").Delete(3, 0, 2).Build());
        foreach (byte[] part in Rest(store, cursor, 8))
            behind.Apply(part);

        AssertEqual(store, behind);
    }

    [Fact]
    public void A_compacted_copy_may_take_over_between_two_parts()
    {
        UpdateStore store = Stores.From(Chain(1, "first"), Chain(2, "second"), Chain(3, "third"), new UpdateBuilder().Delete(1, 1, 3).Delete(3, 0, 5).Build());
        UpdateStore copy = Stores.From(store.EncodeState());
        copy.Compact();
        UpdateStore behind = new();
        var cursor = new DiffCursor(new StateVector());
        Assert.False(store.WritePart(cursor, 8, Writer(out ArrayBufferWriter<byte> one)));
        behind.Apply(one.WrittenSpan);

        foreach (byte[] part in Rest(copy, cursor, 8))
            behind.Apply(part);
        behind.Compact();

        AssertEqual(copy, behind);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\u00e9\u20ac")]
    [InlineData("a\ud83d\ude00b")]
    public void One_long_text_leaves_in_parts_that_are_cut_between_characters(string piece)
    {
        byte[] update = new UpdateBuilder().Section(1, 0).Text(string.Concat(Enumerable.Repeat(piece, 5_000))).Delete(1, 100, 900).Build();
        UpdateStore store = Stores.From(update);
        UpdateStore behind = new();

        List<byte[]> parts = Parts(store, new StateVector(), 1_000);
        foreach (byte[] part in parts)
        {
            Assert.True(part.Length < 1_100, $"A part has {part.Length} bytes.");
            behind.Apply(part);
            Assert.Equal(0, behind.PendingStructs);
        }

        Assert.DoesNotContain("\ufffd", TextOf(behind), StringComparison.Ordinal);
        Assert.Equal(TextOf(store), TextOf(behind));
    }

    [Fact]
    public void One_long_array_leaves_in_parts()
    {
        var document = new YDoc(new YDocOptions { ClientId = 1 });
        document.GetArray("a").Insert(0, [.. Enumerable.Range(0, 20_000).Select(i => (YValue)i)]);
        UpdateStore store = Stores.From(document.EncodeStateAsUpdate());
        var copy = new YDoc();

        List<byte[]> parts = Parts(store, new StateVector(), 1_000);
        foreach (byte[] part in parts)
        {
            Assert.True(part.Length < 1_100, $"A part has {part.Length} bytes.");
            copy.ApplyUpdate(part);
        }

        Assert.True(parts.Count > 40);
        Assert.Equal(document.GetArray("a").ToJson().ToString(), copy.GetArray("a").ToJson().ToString());
    }

    [Fact]
    public void A_receiver_with_half_of_a_surrogate_pair_gets_the_pair()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("\ud83d\ude00" + new string('x', 2_000)).Build());
        var known = new StateVector { [1] = 1 };

        byte[] first = Parts(store, known, 500)[0];

        List<ClockRange> structs = [];
        UpdateInfo.ReadRanges(first, structs, []);
        Assert.Equal(0u, structs[0].Start);
    }

    [Fact]
    public void Deletions_are_sent_once_when_nothing_is_deleted_meanwhile()
    {
        var text = new UpdateBuilder().Section(1, 0);
        for (int i = 0; i < 500; i++)
            text.Text("0123456789", i == 0 ? null : new Id(1, (uint)(i * 10) - 1), new Id(9, 0));
        UpdateBuilder deletes = new();
        for (uint i = 0; i < 400; i++)
            deletes.Delete(1, i * 10, 3);
        UpdateStore store = Stores.From(new UpdateBuilder().Section(9, 0).Text("z").Build(), text.Build(), deletes.Build());

        List<byte[]> parts = Parts(store, new StateVector(), 1_000);

        List<ClockRange> all = [];
        foreach (byte[] part in parts)
            UpdateInfo.ReadRanges(part, [], all);
        Assert.True(parts.Count > 3);
        Assert.Equal(400, all.Count);
    }

    [Fact]
    public void A_complete_cursor_has_no_more_parts()
    {
        UpdateStore store = Stores.From(Chain(1, "a"));
        var cursor = new DiffCursor(new StateVector());
        Assert.True(store.WritePart(cursor, 1_000, new ArrayBufferWriter<byte>()));

        Assert.Throws<InvalidOperationException>(() => store.WritePart(cursor, 1_000, new ArrayBufferWriter<byte>()));
    }

    private static byte[] Chain(ulong client, string text) => client == 1
        ? new UpdateBuilder().Section(1, 0).Text(text).Build()
        : new UpdateBuilder().Section(client, 0).Text(text, new Id(client - 1, 0)).Build();

    private static List<byte[]> Parts(UpdateStore store, StateVector known, int size) => Rest(store, new DiffCursor(known), size);

    private static List<byte[]> Rest(UpdateStore store, DiffCursor cursor, int size)
    {
        List<byte[]> parts = [];
        while (!cursor.IsComplete)
        {
            ArrayBufferWriter<byte> part = new();
            Assert.Equal(store.WritePart(cursor, size, part), cursor.IsComplete);
            parts.Add(part.WrittenSpan.ToArray());
        }

        return parts;
    }

    private static ArrayBufferWriter<byte> Writer(out ArrayBufferWriter<byte> writer) => writer = new ArrayBufferWriter<byte>();

    private static string TextOf(UpdateStore store)
    {
        var document = new YDoc();
        document.ApplyUpdate(store.EncodeState());
        return document.GetText("t").ToString();
    }

    private static void AssertEqual(UpdateStore expected, UpdateStore actual)
    {
        actual.CheckInvariants();
        Assert.Equal(Bytes.ToHex(expected.EncodeStateVector()), Bytes.ToHex(actual.EncodeStateVector()));
        Assert.Equal(expected.Deletes(), actual.Deletes());
        UpdateStore one = Stores.From(expected.EncodeState());
        UpdateStore other = Stores.From(actual.EncodeState());
        one.Compact();
        other.Compact();
        var first = new YDoc();
        var second = new YDoc();
        first.ApplyUpdate(one.EncodeState());
        second.ApplyUpdate(other.EncodeState());
        Assert.Equal(Bytes.ToHex(first.EncodeStateAsUpdate()), Bytes.ToHex(second.EncodeStateAsUpdate()));
    }
}
