using System.Buffers;
using System.Text;
using Xunit;

namespace CoEdit.Crdt.Tests;

public class EncodingTests
{
    [Fact]
    public void Integers_written_by_words_are_those_written_byte_by_byte()
    {
        for (int bits = 0; bits <= 32; bits++)
        {
            foreach (long near in (long[])[-1, 0, 1])
            {
                uint value = (uint)Math.Clamp((1L << bits) + near, 0, uint.MaxValue);
                byte[] expected = UpdateBuilder.Content(writer => writer.WriteVarUInt(value));
                byte[] room = new byte[16];
                ref byte end = ref PackedVarUInt.Put(ref room[0], value);
                end = 0xFF;
                Assert.Equal(expected, room.AsSpan(0, room.AsSpan().LastIndexOf((byte)0xFF)).ToArray());
            }
        }
    }

    [Fact]
    public void A_packed_client_id_has_the_bytes_of_the_wire()
    {
        foreach (ulong id in (ulong[])[0, 1, 0x7F, 0x80, 2_000_000_001, uint.MaxValue, Lib0Reader.MaxSafeInteger])
        {
            ArrayBufferWriter<byte> expected = new();
            expected.WriteVarUInt(id);
            byte[] room = new byte[8];
            PackedVarUInt.PutPacked(ref room[0], PackedVarUInt.Pack(id), expected.WrittenCount);
            Assert.Equal(expected.WrittenSpan, room.AsSpan(0, expected.WrittenCount));
        }
    }

    [Fact]
    public void A_writer_without_a_target_grows_as_needed()
    {
        WireWriter writer = new(expected: 16);
        byte[] expected = new byte[100_000];
        Random.Shared.NextBytes(expected);
        foreach (byte[] part in expected.Chunk(37))
            writer.PutBytes(part);
        Assert.Equal(expected, writer.ToArrayAndReturn());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("naïve café")]
    [InlineData("smile 😀 — ok")]
    [InlineData("half \uD83D of a pair")]
    public void Text_of_every_width_is_encoded_alike_into_an_array_and_into_a_buffer(string text)
    {
        YDoc doc = new();
        doc.GetText("t").Insert(0, "plain before ");
        doc.GetText("t").Insert(4, text);
        doc.GetArray("a").Push("more");
        ArrayBufferWriter<byte> buffer = new();
        doc.EncodeStateAsUpdate(buffer);
        byte[] state = doc.EncodeStateAsUpdate();
        Assert.Equal(buffer.WrittenSpan, state);
        YDoc copy = new();
        copy.ApplyUpdate(state);
        Assert.Equal("plai" + Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) + "n before ", copy.GetText("t").ToString());
    }

    [Fact]
    public void Clients_are_written_from_the_highest_id_down_however_they_came()
    {
        YDoc doc = new();
        foreach (ulong id in (ulong[])[5, 9, 1, 7])
        {
            doc.ClientId = id;
            doc.GetText("t").Insert(0, "x");
            UpdateStore store = new();
            byte[] state = doc.EncodeStateAsUpdate();
            store.Apply(state, UpdateSource.Trusted);
            Assert.Equal(store.EncodeState(), state);
        }
    }
}
