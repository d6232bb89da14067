using System.Buffers;
using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Protocol.Tests;

/// <summary>Awareness updates as a client would write them, and back.</summary>
internal static class Inner
{
    public const string Gone = "null";

    public static byte[] Of(params (ulong Client, ulong Clock, string Json)[] entries)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.WriteVarUInt((ulong)entries.Length);
        foreach ((ulong client, ulong clock, string json) in entries)
        {
            buffer.WriteVarUInt(client);
            buffer.WriteVarUInt(clock);
            buffer.WriteVarString(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Of(ulong client, ulong clock, string json) => Of((client, clock, json));

    public static (ulong Client, ulong Clock, string Json)[] Read(byte[]? update)
    {
        Assert.NotNull(update);
        var reader = new Lib0Reader(update);
        var entries = new (ulong, ulong, string)[reader.ReadVarUInt()];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = (reader.ReadVarUInt(), reader.ReadVarUInt(), Encoding.UTF8.GetString(reader.ReadVarString()));
        Assert.True(reader.IsAtEnd, "bytes after the last entry");
        return entries;
    }

    public static void AssertIs(byte[]? update, params (ulong Client, ulong Clock, string Json)[] expected) =>
        Assert.Equal(expected, Read(update));

    /// <summary>The table as "client@clock=json", ordered by client.</summary>
    public static string Describe(AwarenessTable table) => string.Join(
        " ", table.States.OrderBy(s => s.ClientId).Select(s => $"{s.ClientId}@{s.Clock}={Encoding.UTF8.GetString(s.Json.Span)}"));
}
