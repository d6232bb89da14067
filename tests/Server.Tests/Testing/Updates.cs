using System.Buffers;
using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Server.Tests;

/// <summary>Yjs updates written by hand, for tests that need no more than text of one root.</summary>
internal static class Updates
{
    /// <summary>An update in which <paramref name="client"/> types <paramref name="text"/> at <paramref name="clock"/>, behind its own last character.</summary>
    public static byte[] Text(ulong client, uint clock, string text)
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.WriteVarUInt(1);
        writer.WriteVarUInt(1);
        writer.WriteVarUInt(client);
        writer.WriteVarUInt(clock);
        if (clock == 0)
        {
            writer.WriteByte(0x04);
            writer.WriteVarUInt(1);
            writer.WriteVarString("text");
        }
        else
        {
            writer.WriteByte(0x84);
            writer.WriteVarUInt(client);
            writer.WriteVarUInt(clock - 1);
        }

        writer.WriteVarString(text);
        writer.WriteVarUInt(0);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>An update that only deletes.</summary>
    public static byte[] Delete(ulong client, uint clock, uint length)
    {
        var writer = new ArrayBufferWriter<byte>();
        foreach (ulong value in (ulong[])[0, 1, client, 1, clock, length])
            writer.WriteVarUInt(value);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] SyncFrame(byte kind, ReadOnlySpan<byte> payload)
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.WriteByte(0);
        writer.WriteByte(kind);
        writer.WriteVarBytes(payload);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] AwarenessFrame(ulong client, uint clock, string json)
    {
        var inner = new ArrayBufferWriter<byte>();
        inner.WriteVarUInt(1);
        inner.WriteVarUInt(client);
        inner.WriteVarUInt(clock);
        inner.WriteVarBytes(Encoding.UTF8.GetBytes(json));
        var writer = new ArrayBufferWriter<byte>();
        writer.WriteByte(1);
        writer.WriteVarBytes(inner.WrittenSpan);
        return writer.WrittenSpan.ToArray();
    }
}
