using Xunit;

namespace CoEdit.Crdt.Tests;

public class ForkTests
{
    private static readonly UpdateStoreOptions Detecting = new() { DetectForks = true };

    [Fact]
    public void CRD7_two_replicas_that_typed_different_text_under_one_client_id_are_a_fork_at_the_first_other_letter()
    {
        foreach (bool tiny in new[] { false, true })
        {
            UpdateStore store = Store(tiny, Typed("hello world, how are you?"));
            Proved(store, Typed("hello there"), 1, 6);
            Proved(store, new UpdateBuilder().Section(1, 4).Text("o!", new Id(1, 3)).Build(), 1, 5);
            Proved(store, new UpdateBuilder().Section(2, 0).Text("new").Section(1, 20).Text(" you!", new Id(1, 19)).Build(), 1, 24);
            Harmless(store, new UpdateBuilder().Section(1, 10).Text("d, how", new Id(1, 9)).Build());
        }
    }

    [Fact]
    public void CRD7_what_comes_behind_the_known_part_is_not_taken_from_a_fork()
    {
        UpdateStore store = Store(false, Typed("abc"));
        Proved(store, new UpdateBuilder().Section(1, 0).Text("abXd and more").Section(7, 0).Text("other").Delete(1, 0, 1).Build(), 1, 2);
        Assert.Equal(0u, store.StateOf(7));
    }

    [Theory]
    [InlineData("other origin", 5)]
    [InlineData("no origin", 5)]
    [InlineData("other right origin", 5)]
    [InlineData("no right origin", 5)]
    [InlineData("origin inside of a run", 3)]
    public void CRD7_a_forged_place_is_a_fork(string place, uint clock)
    {
        UpdateStore store = Store(
            false, new UpdateBuilder().Section(2, 0).Text("!!").Section(1, 0).Text("hello").Text("you", new Id(1, 2), new Id(2, 0)).Build());
        UpdateBuilder forged = place switch
        {
            "other origin" => new UpdateBuilder().Section(1, 5).Text("you", new Id(1, 1), new Id(2, 0)),
            "no origin" => new UpdateBuilder().Section(1, 5).Text("you", null, new Id(2, 0)),
            "other right origin" => new UpdateBuilder().Section(1, 5).Text("you", new Id(1, 2), new Id(2, 1)),
            "no right origin" => new UpdateBuilder().Section(1, 5).Text("you", new Id(1, 2)),
            _ => new UpdateBuilder().Section(1, 3).Text("lo", new Id(1, 1)),
        };
        Proved(store, forged.Build(), 1, clock);
    }

    [Fact]
    public void CRD7_a_forged_parent_or_key_is_a_fork()
    {
        byte[] value = [1, 120];
        UpdateStore root = Store(false, new UpdateBuilder().Section(1, 0).Item(StructKind.Any, value, key: "k").Build());
        Proved(root, new UpdateBuilder().Section(1, 0).Item(StructKind.Any, value, root: "u", key: "k").Build(), 1, 0);
        Proved(root, new UpdateBuilder().Section(1, 0).Item(StructKind.Any, value, key: "l").Build(), 1, 0);
        Proved(root, new UpdateBuilder().Section(1, 0).Item(StructKind.Any, value).Build(), 1, 0);
        Proved(root, new UpdateBuilder().Section(2, 0).Text("x").Section(1, 0).Item(StructKind.Any, value, parent: new Id(2, 0), key: "k").Build(), 1, 0);

        UpdateStore nested = Store(
            false, new UpdateBuilder().Section(2, 0).Item(StructKind.Type, [2]).Item(StructKind.Type, [2]).Section(1, 0).Text("x", parent: new Id(2, 0)).Build());
        Proved(nested, new UpdateBuilder().Section(1, 0).Text("x", parent: new Id(2, 1)).Build(), 1, 0);
    }

    [Theory]
    [InlineData(nameof(StructKind.Any), "03 7d01 7d02 7d03", "03 7d01 7d07 7d03", 1)]
    [InlineData(nameof(StructKind.Any), "01 76 01 0161 7d01", "01 76 01 0162 7d01", 0)]
    [InlineData(nameof(StructKind.Any), "01 7d01", "01 7a 0000000000000001", 0)]
    [InlineData(nameof(StructKind.Any), "01 75 02 7d01 7d02", "01 75 02 7d02 7d01", 0)]
    [InlineData(nameof(StructKind.Any), "01 77 0161", "01 74 0161", 0)]
    [InlineData(nameof(StructKind.Json), "02 0131 0132", "02 0131 0133", 1)]
    [InlineData(nameof(StructKind.Json), "01 046e756c6c", "01 09756e646566696e6564", 0)]
    [InlineData(nameof(StructKind.Binary), "03 010203", "03 010204", 0)]
    [InlineData(nameof(StructKind.Embed), "07 7b2261223a317d", "07 7b2261223a327d", 0)]
    [InlineData(nameof(StructKind.Format), "0161 0131", "0162 0131", 0)]
    [InlineData(nameof(StructKind.Format), "0161 0131", "0161 0132", 0)]
    [InlineData(nameof(StructKind.Type), "00", "01", 0)]
    [InlineData(nameof(StructKind.Type), "03 0170", "03 0171", 0)]
    [InlineData(nameof(StructKind.Type), "03 0170", "05 0170", 0)]
    [InlineData(nameof(StructKind.Doc), "0161 7600", "0162 7600", 0)]
    public void CRD7_other_content_is_a_fork(string kind, string known, string forged, uint clock)
    {
        Proved(Store(false, Holding(kind, known)), Holding(kind, forged), 1, clock);
        Proved(Store(false, Holding(kind, forged)), Holding(kind, known), 1, clock);
        Proved(Store(false, Holding(kind, known)), Typed("text"), 1, 0);
    }

    [Theory]
    [InlineData(nameof(StructKind.Any), "01 7d01", "01 7c 3f800000", "a number in another width")]
    [InlineData(nameof(StructKind.Any), "01 7d01", "01 7b 3ff0000000000000", "a number in another width")]
    [InlineData(nameof(StructKind.Any), "01 7d40", "01 7d00", "negative zero")]
    [InlineData(nameof(StructKind.Any), "01 7b 7ff8000000000000", "01 7c 7fc00001", "not a number")]
    [InlineData(nameof(StructKind.Any), "01 76 02 0161 7d01 0162 7d02", "01 76 02 0162 7d02 0161 7d01", "another order of properties")]
    [InlineData(nameof(StructKind.Any), "01 76 02 0161 7d01 0161 7d02", "01 76 01 0161 7d02", "a property twice")]
    [InlineData(nameof(StructKind.Any), "01 76 01 09 5f5f70726f746f5f5f 7600", "01 7600", "a property that reading loses")]
    [InlineData(nameof(StructKind.Any), "8100 78", "01 78", "a longer count")]
    [InlineData(nameof(StructKind.Json), "01 03 312e30", "01 0131", "JSON written again")]
    [InlineData(nameof(StructKind.Embed), "09 7b202261223a317d20", "07 7b2261223a317d", "JSON written again")]
    [InlineData(nameof(StructKind.Embed), "05 3165393939", "04 6e756c6c", "a number that is infinite")]
    [InlineData(nameof(StructKind.Format), "0161 08 225c7564383364 22", "0161 05 22efbfbd22", "half a pair")]
    [InlineData(nameof(StructKind.Doc), "0161 7600", "0161 76 01 0261 75 79", "options of a subdocument")]
    [InlineData(nameof(StructKind.Doc), "0161 76 01 04 67756964 77 0162", "0162 7600", "a guid among the options")]
    public void CRD7_content_written_in_another_way_is_no_fork(string kind, string known, string again, string what)
    {
        Assert.NotEmpty(what);
        Harmless(Store(false, Holding(kind, known)), Holding(kind, again));
        Harmless(Store(false, Holding(kind, again)), Holding(kind, known));
    }

    [Fact]
    public void CRD7_deleted_and_collected_units_agree_with_everything()
    {
        byte[] live = new UpdateBuilder().Section(1, 0).Text("abcdef").Build();
        byte[] deleted = new UpdateBuilder().Section(1, 0).Text("ab").Deleted(2, new Id(1, 0)).Text("ef", new Id(1, 3)).Build();
        byte[] collected = new UpdateBuilder().Section(1, 0).Gc(3).Text("def", new Id(1, 2)).Build();
        byte[] bare = new UpdateBuilder().Section(1, 0).Gc(3).Text("def").Build();
        byte[][] copies = [live, deleted, collected, bare];
        foreach (byte[] known in copies)
        {
            foreach (byte[] again in copies)
            {
                Store(false, known).Apply(again);
                Store(true, known).Apply(again);
            }
        }

        Proved(Store(false, deleted), new UpdateBuilder().Section(1, 0).Text("zz").Text("xy", new Id(5, 5)).Build(), 1, 0);
        Proved(Store(false, deleted), new UpdateBuilder().Section(1, 4).Text("ef", new Id(5, 5)).Build(), 1, 4);
    }

    [Fact]
    public void CRD7_what_a_compacted_store_has_forgotten_proves_nothing_and_the_rest_does()
    {
        UpdateStore store = Store(false, Typed("abcdef"), new UpdateBuilder().Delete(1, 1, 3).Build());
        store.Compact();
        Harmless(store, Typed("abcdef"));
        Harmless(store, Typed("aXYZef"));
        Proved(store, Typed("abcdXf"), 1, 4);
    }

    [Fact]
    public void CRD7_halves_of_surrogate_pairs_agree_with_what_a_cut_leaves_of_them()
    {
        UpdateStore store = Store(false, Typed("a😀é😀b"));
        Harmless(store, new UpdateBuilder().Section(1, 0).Text("a\uFFFD").Text("\uFFFDé\uFFFD", new Id(1, 1)).Text("\uFFFDb", new Id(1, 4)).Build());
        Harmless(store, new UpdateBuilder().Section(1, 2).Text("\uFFFDé😀", new Id(1, 1)).Build());
        Harmless(Store(true, Typed("a\uFFFD\uFFFDé😀b")), Typed("a😀é😀b"));
        Proved(store, Typed("a\uFFFD\uFFFDe"), 1, 3);
        Proved(store, Typed("a😀é😀c"), 1, 6);
    }

    [Fact]
    public void CRD7_parked_structs_are_compared_too()
    {
        foreach (bool tiny in new[] { false, true })
        {
            UpdateStore store = Store(
                tiny, Typed("ab"), new UpdateBuilder().Section(1, 4).Text("efgh", new Id(1, 3)).Skip(2).Text("klm", new Id(1, 9)).Build());
            Proved(store, new UpdateBuilder().Section(1, 6).Text("gX", new Id(1, 5)).Build(), 1, 7);
            Proved(store, new UpdateBuilder().Section(1, 2).Text("cdefghijkXm", new Id(1, 1)).Build(), 1, 11);
            Proved(store, new UpdateBuilder().Section(1, 3).Text("dX", new Id(1, 2)).Build(), 1, 4);
            Assert.Equal(ApplyOutcome.Partial, store.Apply(new UpdateBuilder().Section(1, 1).Text("bcdefghijklm", new Id(1, 0)).Build()).Outcome);
            store.CheckInvariants();
            Assert.False(store.HasPending);
        }
    }

    [Fact]
    public void CRD7_an_update_that_says_two_things_of_one_unit_is_a_fork_of_itself()
    {
        UpdateStore store = Store(false, Typed("known", client: 9));
        Proved(store, new UpdateBuilder().Section(1, 0).Text("abc").Section(1, 0).Text("abX").Build(), 1, 2);
        Proved(store, new UpdateBuilder().Section(1, 0).Text("abc").Section(1, 0).Text("abc").Section(1, 1).Text("X", new Id(1, 0)).Build(), 1, 1);
        Proved(store, new UpdateBuilder().Section(1, 1).Text("bc", new Id(1, 0)).Section(1, 0).Text("ax").Build(), 1, 1);
        store.Apply(new UpdateBuilder().Section(1, 0).Text("abc").Section(1, 1).Text("bcd", new Id(1, 0)).Build());
        Assert.Equal(4u, store.StateOf(1));
        store.CheckInvariants();
    }

    [Fact]
    public void CRD6_an_update_that_overlaps_itself_a_thousand_times_is_refused_before_it_costs_much()
    {
        UpdateBuilder update = new UpdateBuilder().Section(1, 0).Text(new string('é', 20_000));
        for (int i = 0; i < 1_000; i++)
            update.Section(1, 0).Deleted(20_000);
        byte[] bytes = update.Build();
        UpdateStore store = Store(false);
        Assert.Throws<MalformedUpdateException>(() => store.Apply(bytes));
        Assert.True(store.IsEmpty);
    }

    [Fact]
    public void CRD7_only_peers_are_accused_and_only_where_it_was_asked_for()
    {
        UpdateStore trusting = new();
        trusting.Apply(Typed("abc"));
        Assert.Equal(ApplyOutcome.Nothing, trusting.Apply(Typed("xyz")).Outcome);
        UpdateStore store = Store(false, Typed("abc"));
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(Typed("xyz"), UpdateSource.Trusted).Outcome);
    }

    [Fact]
    public void CRD7_many_tiny_probes_into_a_long_text_are_answered_in_one_walk()
    {
        const int Length = 300_000;
        UpdateStore store = Store(false, Typed(new string('é', Length)));
        UpdateBuilder probes = new UpdateBuilder().Section(1, 1);
        for (uint i = 0; i < Length / 3; i++)
            probes.Text("é", new Id(1, 3 * i)).Skip(2);
        Harmless(store, probes.Build());
        Proved(store, Typed(new string('é', Length - 1) + "e"), 1, Length - 1);
    }

    private static byte[] Typed(string text, ulong client = 1) => new UpdateBuilder().Section(client, 0).Text(text).Build();

    private static byte[] Holding(string kind, string content) =>
        new UpdateBuilder().Section(1, 0).Item(Enum.Parse<StructKind>(kind), Bytes.FromHex(content)).Build();

    private static UpdateStore Store(bool tiny, params byte[][] updates)
    {
        UpdateStore store = Stores.New(Detecting, tiny);
        foreach (byte[] update in updates)
            store.Apply(update);
        return store;
    }

    private static void Proved(UpdateStore store, byte[] update, ulong client, uint clock)
    {
        string before = store.Hex();
        ForkedUpdateException fork = Assert.Throws<ForkedUpdateException>(() => store.Apply(update));
        Assert.Equal((client, clock), (fork.Client, fork.Clock));
        Assert.Equal(before, store.Hex());
        store.CheckInvariants();
    }

    private static void Harmless(UpdateStore store, byte[] update)
    {
        string before = store.Hex();
        Assert.Equal(ApplyOutcome.Nothing, store.Apply(update).Outcome);
        Assert.Equal(before, store.Hex());
    }
}
