using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CoEdit.Crdt.Tests;

public class Lib0Tests
{
    [Fact]
    public void Every_integer_of_53_bits_survives_a_round_trip()
    {
        Prop.ForAll<ulong, byte>((raw, shift) =>
        {
            ulong value = (raw & Lib0Reader.MaxSafeInteger) >> (shift % 53);
            byte[] bytes = UpdateBuilder.Content(writer => writer.WriteVarUInt(value));
            Lib0Reader reader = new(bytes);
            Lib0Reader small = new(bytes);
            return bytes.Length == Lib0Writer.VarUIntLength(value)
                && reader.ReadVarUInt() == value
                && reader.IsAtEnd
                && (value > int.MaxValue || small.ReadVarUInt31() == value);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_signed_integer_survives_a_round_trip()
    {
        Prop.ForAll<long, byte>((raw, shift) =>
        {
            long value = (raw % ((1L << 53) - 1)) >> (shift % 53);
            Lib0Reader reader = new(UpdateBuilder.Content(writer => writer.WriteVarInt(value)));
            return reader.ReadVarInt() == value && reader.IsAtEnd;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_text_survives_a_round_trip_with_lone_surrogates_replaced()
    {
        Prop.ForAll<string>(text =>
        {
            text ??= "";
            Lib0Reader reader = new(UpdateBuilder.Content(writer => writer.WriteVarString(text)));
            string expected = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
            return System.Text.Encoding.UTF8.GetString(reader.ReadVarString()) == expected && reader.IsAtEnd;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void State_vectors_survive_a_round_trip()
    {
        Prop.ForAll<Tuple<uint, ushort>[]>(entries =>
        {
            StateVector vector = new();
            foreach ((uint client, ushort clock) in entries ?? [])
                vector[client] = clock;
            StateVector copy = StateVector.Decode(vector.ToArray());
            return copy.Count == vector.Count && vector.All(entry => copy[entry.Key] == entry.Value);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("00", 0UL)]
    [InlineData("8000", 0UL)]
    [InlineData("ff808000", 127UL)]
    [InlineData("ffffffff07", (ulong)int.MaxValue)]
    [InlineData("ffffffffffffff0f", Lib0Reader.MaxSafeInteger)]
    public void Longer_forms_of_an_integer_are_read(string hex, ulong expected)
    {
        Assert.Equal(expected, new Lib0Reader(Bytes.FromHex(hex)).ReadVarUInt());
        if (expected <= int.MaxValue)
            Assert.Equal(expected, new Lib0Reader(Bytes.FromHex(hex)).ReadVarUInt31());
    }

    [Theory]
    [InlineData("ffffffffffffff1f")]
    [InlineData("ffffffffffffffffff01")]
    [InlineData("80808080808080808080808000")]
    [InlineData("80")]
    [InlineData("")]
    public void Integers_that_are_too_large_or_cut_off_are_refused(string hex)
    {
        Assert.Throws<MalformedUpdateException>(() => new Lib0Reader(Bytes.FromHex(hex)).ReadVarUInt());
        Assert.Throws<MalformedUpdateException>(() => new Lib0Reader(Bytes.FromHex(hex)).ReadVarUInt31());
    }

    [Theory]
    [InlineData("8080808008")]
    [InlineData("ffffffffffffff0f")]
    public void A_clock_above_31_bits_is_refused(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => new Lib0Reader(Bytes.FromHex(hex)).ReadVarUInt31());

    [Theory]
    [InlineData("01", 1)]
    [InlineData("41", -1)]
    [InlineData("3f", 63)]
    [InlineData("8001", 64)]
    [InlineData("c001", -64)]
    [InlineData("c08001", -8192)]
    [InlineData("40", 0)]
    public void Signed_integers_are_sign_and_magnitude(string hex, long expected)
    {
        Lib0Reader reader = new(Bytes.FromHex(hex));
        Assert.Equal(expected, reader.ReadVarInt(out bool negative));
        Assert.Equal(hex is "41" or "c001" or "c08001" or "40", negative);
        Assert.Equal(hex, Bytes.ToHex(UpdateBuilder.Content(writer => writer.WriteVarInt(expected, negativeZero: hex == "40"))));
    }

    [Theory]
    [InlineData("02c080")]
    [InlineData("03eda080")]
    [InlineData("04f8888080")]
    [InlineData("01ff")]
    [InlineData("0561")]
    [InlineData("ffffffffffffff0f61")]
    public void A_string_has_to_be_there_and_valid_utf8(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => { _ = new Lib0Reader(Bytes.FromHex(hex)).ReadVarString().Length; });

    [Theory]
    [InlineData("02 01 01")]
    [InlineData("01 01 ffffffff0f")]
    [InlineData("ffffffffffffff0f 0101")]
    [InlineData("")]
    public void A_bad_state_vector_is_refused(string hex) =>
        Assert.Throws<MalformedUpdateException>(() => StateVector.Decode(Bytes.FromHex(hex)));

    [Fact]
    public void A_state_vector_forgets_clients_at_zero_and_keeps_the_lower_clock()
    {
        StateVector vector = new() { };
        vector[7] = 5;
        vector[8] = 3;
        vector.Lower(7, 2);
        vector.Lower(8, 9);
        vector.Lower(9, 1);
        StateVector copy = vector.Clone();
        vector[7] = 0;
        Assert.Equal("02 0803 0702".Replace(" ", ""), Bytes.ToHex(copy.ToArray()));
        Assert.Equal("010803", Bytes.ToHex(vector.ToArray()));
        Assert.Equal(0u, vector[7]);
    }
}
