using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>The column codecs of the v2 format against what lib0 writes, and against themselves.</summary>
public class ColumnTests
{
    [Theory]
    [InlineData(new byte[] { 1, 2, 3, 3, 3 }, "0100 0200 03")]
    [InlineData(new byte[] { 5, 0, 0, 5 }, "0500 0001 05")]
    [InlineData(new byte[] { 0 }, "00")]
    [InlineData(new byte[] { }, "")]
    public void Runs_of_bytes_are_written_as_lib0_writes_them(byte[] values, string hex) => Assert.Equal(Hex(hex), Write(values));

    [Theory]
    [InlineData(new ulong[] { 0, 0 }, "4000")]
    [InlineData(new ulong[] { 0 }, "00")]
    [InlineData(new ulong[] { 1, 1, 1 }, "4101")]
    [InlineData(new ulong[] { 5, 0, 0, 5 }, "05 4000 05")]
    [InlineData(new ulong[] { 9007199254740991, 9007199254740991 }, "ffffffffffffff1f 00")]
    [InlineData(new ulong[] { }, "")]
    public void Unsigned_integers_are_written_as_lib0_writes_them(ulong[] values, string hex) => Assert.Equal(Hex(hex), WriteUints(values));

    [Theory]
    [InlineData(new long[] { 10, 7, 4, 1, 100 }, "14 4501 8603")]
    [InlineData(new long[] { 1, 2, 3, 3, 3 }, "0301 0100")]
    [InlineData(new long[] { 1, 1, 1 }, "02 0100")]
    [InlineData(new long[] { 0, 0, 0 }, "0101")]
    [InlineData(new long[] { }, "")]
    public void Differences_are_written_as_lib0_writes_them(long[] values, string hex) => Assert.Equal(Hex(hex), WriteDifferences(values));

    [Fact]
    public void Strings_are_written_as_lib0_writes_them() =>
        Assert.Equal(Hex("0961 6263 c3a9 f09f 9880 0102 0001 02"), WriteStrings(["a", "bc", "", "é", "😀"]));

    [Fact]
    public void A_pair_that_lies_in_two_strings_is_one_character_of_the_column() =>
        Assert.Equal(Hex("04f09f9880 0100 01"), WriteStrings(["\ud83d", "", "\ude00"]));

    [Fact]
    public void A_half_that_stays_alone_becomes_a_replacement_character() =>
        Assert.Equal(Hex("0a efbfbd 61 efbfbd efbfbd 02 4100"), WriteStrings(["\ud83da", "\ud83d", "\ud83d"]));

    [Fact]
    public void Any_runs_of_bytes_are_read_back() => Prop.ForAll(Runs<byte>(), values =>
    {
        byte[] column = Write(values);
        RleDecoder decoder = new(0, column.Length);
        return values.All(value => decoder.Read(column) == value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_unsigned_integers_are_read_back() => Prop.ForAll(Runs<uint>(), values =>
    {
        ulong[] wide = [.. values.Select(value => (ulong)value * 2097151)];
        byte[] column = WriteUints(wide);
        UintOptRleDecoder decoder = new(0, column.Length);
        return wide.All(value => decoder.Read(column) == value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_differences_are_read_back() => Prop.ForAll(Runs<uint>(), values =>
    {
        byte[] column = WriteDifferences([.. values.Select(value => (long)value)]);
        IntDiffOptRleDecoder decoder = new(0, column.Length);
        return values.All(value => decoder.Read(column) == value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_strings_are_read_back_in_whatever_pieces() => Prop.ForAll(Texts(), pieces =>
    {
        // Only the column as a whole is well formed; the pieces may begin and end inside surrogate pairs.
        byte[] buffer = WriteStrings(pieces);
        byte[] again = [.. Lib0Bytes(buffer)];
        StringColumnDecoder decoder = new(again, 1 + (again.Length > 128 ? 1 : 0), again.Length);
        StringColumnEncoder copy = new();
        foreach (string piece in pieces)
        {
            TextRef text = decoder.Read(again, out int units);
            if (units != piece.Length || text.In(again).ToString() != piece || text.In(again).CountUnits() != units)
                return false;
            copy.Write(text.In(again), units);
        }

        ByteBuffer target = new();
        copy.FinishTo(target);
        return target.Written.SequenceEqual(again);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_rest_of_a_string_is_what_JavaScript_makes_of_it() => Prop.ForAll(Texts(), pieces =>
    {
        byte[] column = [.. Lib0Bytes(WriteStrings(pieces))];
        StringColumnDecoder decoder = new(column, 1 + (column.Length > 128 ? 1 : 0), column.Length);
        foreach (string piece in pieces)
        {
            WireText text = decoder.Read(column, out int units).In(column);
            for (int from = 0; from < units; from++)
            {
                if (text.From(from, healed: false).ToString() != piece[from..])
                    return false;
                bool cut = from > 0 && char.IsHighSurrogate(piece[from - 1]);
                string healed = cut ? "\uFFFD" + piece[(from + 1)..] : piece[from..];
                if (text.From(from, healed: true).ToString() != healed)
                    return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_column_that_ends_too_early_is_refused()
    {
        Assert.Throws<MalformedUpdateException>(() => new RleDecoder(0, 0).Read([]));
        Assert.Throws<MalformedUpdateException>(() => new UintOptRleDecoder(0, 0).Read([]));
        Assert.Throws<MalformedUpdateException>(() => new IntDiffOptRleDecoder(0, 0).Read([]));
        Assert.Throws<MalformedUpdateException>(() => new StringColumnDecoder([], 0, 0));
        byte[] column = [0x01, 0x61, 0x02];
        Assert.Throws<MalformedUpdateException>(() => new StringColumnDecoder(column, 0, 3).Read(column, out _));
    }

    [Fact]
    public void A_difference_below_zero_is_refused()
    {
        byte[] column = [0x42];
        Assert.Throws<MalformedUpdateException>(() => new IntDiffOptRleDecoder(0, 1).Read(column));
    }

    // Values with runs in them.
    private static Arbitrary<T[]> Runs<T>() =>
        (from runs in (from value in ArbMap.Default.GeneratorFor<T>() from count in Gen.Choose(1, 4) select Enumerable.Repeat(value, count)).ListOf()
         select runs.SelectMany(run => run).ToArray()).ToArbitrary();

    // A well-formed text, cut anywhere.
    private static Arbitrary<string[]> Texts() =>
        (from characters in Gen.Elements("a", "b", "é", "日", "😀", "\u0000", "\uFFFD", "👩‍👧").ListOf()
         from cuts in Gen.Choose(0, 12).ListOf()
         select Cut(string.Concat(characters), cuts)).ToArbitrary();

    private static string[] Cut(string text, IEnumerable<int> lengths)
    {
        List<string> pieces = [];
        foreach (int length in lengths)
        {
            int take = Math.Min(length, text.Length);
            pieces.Add(text[..take]);
            text = text[take..];
        }

        pieces.Add(text);
        return [.. pieces];
    }

    private static byte[] Write(byte[] values)
    {
        RleEncoder encoder = new();
        foreach (byte value in values)
            encoder.Write(value);
        ByteBuffer target = new();
        encoder.WriteTo(target);
        return Content(target);
    }

    private static byte[] WriteUints(ulong[] values)
    {
        UintOptRleEncoder encoder = new();
        foreach (ulong value in values)
            encoder.Write(value);
        return encoder.Finish().ToArray();
    }

    private static byte[] WriteDifferences(long[] values)
    {
        IntDiffOptRleEncoder encoder = new();
        foreach (long value in values)
            encoder.Write(value);
        ByteBuffer target = new();
        encoder.FinishTo(target);
        return Content(target);
    }

    private static byte[] WriteStrings(string[] values)
    {
        StringColumnEncoder encoder = new();
        foreach (string value in values)
            encoder.Write(value.AsSpan());
        ByteBuffer target = new();
        encoder.FinishTo(target);
        return Content(target);
    }

    private static byte[] Content(ByteBuffer buffer)
    {
        Lib0Reader reader = new(buffer.Written);
        return reader.ReadVarBytes().ToArray();
    }

    private static byte[] Lib0Bytes(byte[] content)
    {
        ByteBuffer target = new();
        target.WriteVarBytes(content);
        return target.Written.ToArray();
    }

    private static byte[] Hex(string hex) => Bytes.FromHex(hex);
}
