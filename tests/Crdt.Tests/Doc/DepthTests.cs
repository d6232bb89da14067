using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>Documents nest as deep as a sender likes; nothing in the engine is as deep as they are.</summary>
public sealed class DepthTests
{
    private const int Depth = 100_000;

    [Fact]
    public void A_document_100_000_types_deep_is_loaded_read_deleted_and_collected()
    {
        YDoc doc = new(new YDocOptions { MaxDepth = int.MaxValue });
        doc.ApplyUpdate(NestedArrays());
        Assert.Equal((2 * Depth) + 1, doc.GetArray("a").ToJson().ToString().Length - 1);
        byte[] state = doc.EncodeStateAsUpdate();
        YDoc replica = new();
        replica.ApplyUpdate(state);
        Assert.Equal(state, replica.EncodeStateAsUpdate());
        doc.GetArray("a").Delete(0);
        Assert.Equal("[]", doc.GetArray("a").ToJson().ToString());
        replica.ApplyUpdate(doc.EncodeStateAsUpdate());
        Assert.Equal("[]", replica.GetArray("a").ToJson().ToString());
    }

    [Fact]
    public void A_document_deeper_than_the_limit_is_not_read_as_a_whole()
    {
        YDoc doc = new();
        doc.ApplyUpdate(NestedArrays());
        Assert.Throws<DepthLimitException>(() => doc.GetArray("a").ToJson());
        Assert.Throws<DepthLimitException>(() => doc.ToJson());
        Assert.Single(doc.GetArray("a"));
    }

    // Each array is the only element of the one before; one client, so every parent is one clock back.
    private static byte[] NestedArrays()
    {
        ByteBuffer buffer = new();
        buffer.WriteVarUInt(1);
        buffer.WriteVarUInt(Depth);
        buffer.WriteVarUInt(5);
        buffer.WriteVarUInt(0);
        for (uint i = 0; i < Depth; i++)
        {
            buffer.WriteByte(7);
            if (i == 0)
            {
                buffer.WriteByte(1);
                buffer.WriteVarString("a");
            }
            else
            {
                buffer.WriteByte(0);
                buffer.WriteVarUInt(5);
                buffer.WriteVarUInt(i - 1);
            }

            buffer.WriteVarUInt(0);
        }

        buffer.WriteVarUInt(0);
        return buffer.Written.ToArray();
    }
}
