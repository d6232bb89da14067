using System.Text;
using CoEdit.Crdt;

namespace CoEdit.Load;

/// <summary>Awareness updates as an editor binding makes them: name, colour, cursor.</summary>
internal static class Presence
{
    public const int MaxBytes = 512;

    private static ReadOnlySpan<byte> Null => "null"u8;

    /// <summary>The update that says: client <paramref name="client"/> moved its cursor for the <paramref name="clock"/>th time.</summary>
    public static int Put(Span<byte> target, ulong client, uint clock)
    {
        int at = 0;
        target[at++] = 1; // entries
        at += Lib0Writer.PutVarUInt(target[at..], client);
        at += Lib0Writer.PutVarUInt(target[at..], clock);
        string place = $"\"tname\":\"t\",\"item\":{{\"client\":{client},\"clock\":{clock}}},\"assoc\":0";
        string user = $"\"name\":\"Peer {client & 0xFFFF}\",\"color\":\"#30bced\"";
        string state = $"{{\"user\":{{{user}}},\"cursor\":{{\"anchor\":{{{place}}},\"head\":{{{place}}}}}}}";
        at += Lib0Writer.PutVarUInt(target[at..], (ulong)state.Length);
        return at + Encoding.ASCII.GetBytes(state, target[at..]);
    }

    /// <summary>Reads one entry.</summary>
    public static (ulong Client, uint Clock, bool IsRemoval) ReadEntry(ref Lib0Reader reader) =>
        (reader.ReadVarUInt(), (uint)reader.ReadVarUInt(), reader.ReadVarBytes().SequenceEqual(Null));
}
