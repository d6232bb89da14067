using Xunit;

namespace CoEdit.Crdt.Tests;

public class ApplyTests
{
    [Fact]
    public void An_empty_update_is_nothing()
    {
        UpdateStore store = new();
        Assert.Equal(default, store.Apply([0, 0]));
        Assert.True(store.IsEmpty);
        Assert.Equal([0, 0], store.EncodeState());
        Assert.Equal([0], store.EncodeStateVector());
        Assert.Throws<InvalidOperationException>(() => store.NovelPart());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Typing_extends_the_last_text_in_place(bool tiny)
    {
        UpdateStore store = Stores.New(tiny: tiny);
        store.Apply(new UpdateBuilder().Section(1, 0).Text("a").Build());
        for (uint i = 1; i < 20; i++)
        {
            string letter = ((char)('a' + i)).ToString();
            ApplyResult result = store.Apply(new UpdateBuilder().Section(1, i).Text(letter, new Id(1, i - 1)).Build());
            Assert.Equal(ApplyOutcome.Whole, result.Outcome);
            store.CheckInvariants();
        }

        Assert.Equal(1, store.StructCount);
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("abcdefghijklmnopqrst").Build()), store.Hex());
    }

    [Fact]
    public void Typing_across_every_width_of_the_length_prefix_keeps_the_text()
    {
        UpdateStore store = new(null, new ChunkSizes(32, 64, 100_000));
        System.Text.StringBuilder text = new("x");
        store.Apply(new UpdateBuilder().Section(1, 0).Text("x").Build());
        while (text.Length < 17_000)
        {
            string more = new((char)('a' + (text.Length % 26)), 1 + (text.Length % 37));
            store.Apply(new UpdateBuilder().Section(1, (uint)text.Length).Text(more, new Id(1, (uint)text.Length - 1)).Build());
            text.Append(more);
        }

        store.CheckInvariants();
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text(text.ToString()).Build()), store.Hex());
    }

    [Fact]
    public void A_text_with_another_right_origin_or_another_place_is_a_struct_of_its_own()
    {
        UpdateStore store = Stores.From(
            new UpdateBuilder().Section(1, 0).Text("ab").Build(),
            new UpdateBuilder().Section(1, 2).Text("c", new Id(1, 1), new Id(1, 0)).Build(),
            new UpdateBuilder().Section(1, 3).Text("d", new Id(1, 0), new Id(1, 0)).Build(),
            new UpdateBuilder().Section(1, 4).Text("e", new Id(1, 3), new Id(1, 0)).Build(),
            new UpdateBuilder().Section(1, 5).Text("f", new Id(1, 4)).Build());
        store.CheckInvariants();
        Assert.Equal(4, store.StructCount);
        Assert.Equal(6u, store.StateOf(1));
    }

    [Theory]
    [InlineData(nameof(StructKind.Gc))]
    [InlineData(nameof(StructKind.Deleted))]
    [InlineData(nameof(StructKind.Any))]
    public void Other_runs_are_extended_too(string name)
    {
        StructKind kind = Enum.Parse<StructKind>(name);
        UpdateStore store = new();
        uint clock = 0;
        for (int i = 0; i < 200; i++)
        {
            UpdateBuilder update = new UpdateBuilder().Section(1, clock);
            Id? origin = clock == 0 ? null : new Id(1, clock - 1);
            if (kind == StructKind.Gc)
                update.Gc(2);
            else if (kind == StructKind.Deleted)
                update.Deleted(2, origin);
            else
                update.Item(StructKind.Any, [2, 126, 120], origin);
            store.Apply(update.Build());
            clock += 2;
            store.CheckInvariants();
        }

        Assert.Equal(1, store.StructCount);
        Assert.Equal(400u, store.StateOf(1));
        if (kind != StructKind.Any)
            Assert.Equal([new ClockRange(1, 0, 400)], store.Deletes());
    }

    [Fact]
    public void What_is_known_is_cut_off_and_only_the_rest_is_new()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("abc").Delete(1, 0, 1).Build());
        byte[] update = new UpdateBuilder().Section(1, 0).Text("abcdef").Delete(1, 0, 2).Build();
        ApplyResult result = store.Apply(update);
        store.CheckInvariants();
        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Section(1, 3).Text("def", new Id(1, 2)).Delete(1, 1, 1).Build()),
            Bytes.ToHex(store.NovelPart()));
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("abcdef").Delete(1, 0, 2).Build()), store.Hex());
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(update).Outcome);
        Assert.Throws<InvalidOperationException>(() => store.NovelPart());
    }

    [Fact]
    public void The_size_of_the_new_part_does_not_count_what_is_known()
    {
        UpdateBuilder all = new UpdateBuilder().Section(1, 0).Text("a");
        for (uint i = 1; i < 1000; i++)
            all.Text("x", new Id(1, 0));
        UpdateStore store = Stores.From(all.Build());
        ApplyResult result = store.Apply(all.Text("news", new Id(1, 3)).Build());
        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.InRange(result.NovelBytes, 4, 16);
    }

    [Fact]
    public void A_delete_that_is_partly_known_brings_only_the_missing_ranges()
    {
        UpdateStore store = Stores.From(
            new UpdateBuilder().Section(1, 0).Text("0123456789").Delete(1, 2, 2).Delete(1, 6, 1).Build());
        ApplyResult result = store.Apply(new UpdateBuilder().Delete(1, 1, 8).Build());
        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Equal(
            Bytes.ToHex(new UpdateBuilder().Delete(1, 1, 1).Delete(1, 4, 2).Delete(1, 7, 2).Build()), Bytes.ToHex(store.NovelPart()));
        Assert.Equal([new ClockRange(1, 1, 9)], store.Deletes());
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(new UpdateBuilder().Delete(1, 3, 4).Build()).Outcome);
        Assert.Equal(ApplyOutcome.Whole, store.Apply(new UpdateBuilder().Delete(1, 9, 1).Build()).Outcome);
        store.CheckInvariants();
    }

    [Fact]
    public void Structs_that_arrive_deleted_are_in_the_delete_set_even_if_their_sender_forgot()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Gc(3).Text("ab").Deleted(2, new Id(1, 4)).Build());
        Assert.Equal([new ClockRange(1, 0, 3), new ClockRange(1, 5, 7)], store.Deletes());
        store.CheckInvariants();
    }

    [Fact]
    public void Several_sections_of_one_client_are_all_processed()
    {
        UpdateStore store = new();
        ApplyResult result = store.Apply(new UpdateBuilder()
            .Section(1, 2).Text("c", new Id(1, 1))
            .Section(2, 0).Text("x")
            .Section(1, 0).Text("ab")
            .Section(1, 1).Text("bcd", new Id(1, 0))
            .Build());
        store.CheckInvariants();
        Assert.False(result.Parked);
        Assert.Equal(4u, store.StateOf(1));
        Assert.Equal(1u, store.StateOf(2));
    }

    [Fact]
    public void Overlapping_sections_do_not_hide_what_a_later_struct_needs()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder()
            .Section(1, 0).Text("ab", new Id(9, 3)).Text("c", new Id(9, 2))
            .Section(1, 0).Text("ab")
            .Build());
        Assert.Equal(2u, store.StateOf(1));
        Assert.Equal(1, store.PendingStructs);
        store.CheckInvariants();
    }

    [Fact]
    public void Every_step_of_a_recorded_session_can_be_relayed_by_its_new_part()
    {
        foreach (Session session in Session.All)
        {
            UpdateStore store = new();
            UpdateStore tiny = Stores.New(tiny: true);
            UpdateStore downstream = new();
            foreach (byte[] update in session.Updates)
            {
                ApplyResult result = store.Apply(update);
                Assert.Equal(result with { NovelBytes = 0 }, tiny.Apply(update) with { NovelBytes = 0 });
                store.CheckInvariants();
                tiny.CheckInvariants();
                if (result.Outcome == ApplyOutcome.Nothing)
                    continue;
                byte[] part = store.NovelPart();
                Assert.Equal(ApplyOutcome.Whole, downstream.Apply(part).Outcome);
                downstream.CheckInvariants();
            }

            Assert.Equal(session.StateVector, store.EncodeStateVector());
            Assert.Equal(session.StateVector, tiny.EncodeStateVector());
            Assert.Equal(session.StateVector, downstream.EncodeStateVector());
            Assert.Equal(store.Deletes(), downstream.Deletes());
            Assert.False(store.HasPending);
        }
    }

    [Fact]
    public void A_keystroke_allocates_nothing_but_buffer_growth()
    {
        UpdateStore store = new();
        store.Apply(new UpdateBuilder().Section(1, 0).Text("a").Build());
        byte[][] updates = new byte[5000][];
        for (uint i = 0; i < updates.Length; i++)
            updates[i] = new UpdateBuilder().Section(1, i + 1).Text("b", new Id(1, i)).Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] update in updates)
            store.Apply(update);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= 3 * store.StoredBytes + 1024, $"{allocated} bytes for {store.StoredBytes} stored");
    }
}
