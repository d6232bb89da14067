using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>A surrogate pair that is cut in two leaves U+FFFD on both sides; lengths stay UTF-16 lengths.</summary>
public class SurrogateTests
{
    private const string Pair = "\U0001F600";

    [Fact]
    public void A_diff_from_inside_a_pair_starts_with_a_replacement()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text($"a{Pair}b").Build());
        Assert.Equal(4u, store.StateOf(1));
        StateVector known = new() { };
        known[1] = 2;
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 2).Text("\uFFFDb", new Id(1, 1)).Build()), Bytes.ToHex(store.Diff(known)));
        known[1] = 3;
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 3).Text("b", new Id(1, 2)).Build()), Bytes.ToHex(store.Diff(known)));
    }

    [Fact]
    public void A_partly_known_pair_is_completed_by_a_replacement()
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text("a\uFFFD").Build());
        ApplyResult result = store.Apply(new UpdateBuilder().Section(1, 0).Text($"a{Pair}b").Build());
        store.CheckInvariants();
        Assert.Equal(ApplyOutcome.Partial, result.Outcome);
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 0).Text("a\uFFFD\uFFFDb").Build()), store.Hex());
        Assert.Equal(Bytes.ToHex(new UpdateBuilder().Section(1, 2).Text("\uFFFDb", new Id(1, 1)).Build()), Bytes.ToHex(store.NovelPart()));
    }

    [Theory]
    [InlineData(1u, 1u, "a", 1u, "\uFFFDb")]
    [InlineData(2u, 1u, "a\uFFFD", 1u, "b")]
    [InlineData(2u, 2u, "a\uFFFD", 2u, "")]
    [InlineData(0u, 2u, "", 2u, "\uFFFDb")]
    [InlineData(1u, 2u, "a", 2u, "b")]
    public void Compaction_inside_a_pair_keeps_the_length(uint start, uint length, string before, uint deleted, string after)
    {
        UpdateStore store = Stores.From(new UpdateBuilder().Section(1, 0).Text($"a{Pair}b").Delete(1, start, length).Build());
        store.Compact();
        store.CheckInvariants();
        Assert.Equal(4u, store.StateOf(1));
        UpdateBuilder expected = new UpdateBuilder().Section(1, 0);
        if (before.Length > 0)
            expected.Text(before);
        expected.Deleted(deleted, before.Length > 0 ? new Id(1, (uint)before.Length - 1) : null);
        if (after.Length > 0)
            expected.Text(after, new Id(1, (uint)before.Length + deleted - 1));
        Assert.Equal(Bytes.ToHex(expected.Delete(1, start, length).Build()), store.Hex());
    }

    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(1u, 2u)]
    [InlineData(0u, 2u)]
    [InlineData(1u, 3u)]
    [InlineData(2u, 4u)]
    [InlineData(3u, 4u)]
    [InlineData(1u, 4u)]
    public void Every_cut_of_two_pairs_is_what_utf16_would_leave(uint from, uint to)
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(Pair + Pair);
        System.Buffers.ArrayBufferWriter<byte> target = new();
        WireWriter writer = new(target);
        StructSlicer.TextSlice slice = StructSlicer.CutText(text, 4, from, to);
        slice.WriteTo(ref writer);
        writer.Flush();
        Assert.Equal(slice.Length, target.WrittenCount);
        byte[] expected = System.Text.Encoding.UTF8.GetBytes((Pair + Pair)[(int)from..(int)to].ToCharArray());
        Assert.Equal(Bytes.ToHex(expected), Bytes.ToHex(target.WrittenSpan));
    }
}
