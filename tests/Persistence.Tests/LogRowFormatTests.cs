namespace CoEdit.Persistence.Tests;

public sealed class LogRowFormatTests
{
    [Theory]
    [InlineData(0ul, 1)]
    [InlineData(127ul, 1)]
    [InlineData(128ul, 2)]
    [InlineData(16383ul, 2)]
    [InlineData(16384ul, 3)]
    [InlineData(uint.MaxValue, 5)]
    [InlineData(long.MaxValue, 9)]
    [InlineData(ulong.MaxValue, 10)]
    public void Integers_come_back_and_take_the_size_foretold(ulong value, int size)
    {
        var bytes = new byte[10];
        Assert.Equal(size, VarInt.Size(value));
        Assert.Equal(size, VarInt.Write(bytes, 0, value));
        var position = 0;
        Assert.True(VarInt.TryRead(bytes.AsSpan(0, size), ref position, out var read));
        Assert.Equal((value, size), (read, position));
        position = 0;
        Assert.False(VarInt.TryRead(bytes.AsSpan(0, size - 1), ref position, out _));
    }

    [Fact]
    public void Integers_beyond_64_bits_are_refused()
    {
        var position = 0;
        Assert.False(VarInt.TryRead([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], ref position, out _));
        position = 0;
        Assert.False(VarInt.TryRead([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], ref position, out _));
    }

    [Fact]
    public void A_row_cut_short_anywhere_within_an_entry_is_refused()
    {
        var row = new byte[LogRowFormat.EntrySize(3, 300, 5) + LogRowFormat.EntrySize(2, 0, 0)];
        var first = LogRowFormat.WriteEntry(row, 0, "abc"u8, 300, 5);
        Assert.Equal(row.Length, LogRowFormat.WriteEntry(row, first, "de"u8, 0, 0));

        for (var length = 0; length <= row.Length; length++)
            Assert.Equal(length == first || length == row.Length, LogRowFormat.TryRead(row.AsMemory(0, length), []));
    }

    [Fact]
    public void A_length_beyond_the_row_is_refused_before_anything_is_allocated()
    {
        Assert.False(LogRowFormat.TryRead(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 1 }, []));
        Assert.False(LogRowFormat.TryRead(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0, 1 }, []));
    }
}
