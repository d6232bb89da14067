namespace CoEdit.Crdt;

/// <summary>Structs of one client, without a gap between them, that wait.</summary>
/// <param name="format">How <paramref name="bytes"/> are to be read.</param>
/// <param name="bytes">In v1 the structs alone, in v2 a whole update: its columns make no sense in pieces.</param>
/// <param name="clock">Of the first unit.</param>
/// <param name="end">The clock behind the last unit.</param>
/// <param name="structs">Their number.</param>
/// <param name="cost">Bytes that count against <see cref="YDocOptions.MaxPendingBytes"/>.</param>
internal sealed class ParkedPart(UpdateFormat format, byte[] bytes, int clock, int end, int structs, long cost)
{
    /// <summary>So many structs at most: one that has to wait again costs that the rest of its part is written again.</summary>
    public const int MaxStructs = 64;

    public UpdateFormat Format => format;

    public byte[] Bytes => bytes;

    public int Clock => clock;

    public int End => end;

    public int Structs => structs;

    public long Cost => cost;

    /// <summary>Whether the part that follows in clocks can be put behind this one.</summary>
    public bool CanTake(ParkedPart next) =>
        format == UpdateFormat.V1 && next.Format == UpdateFormat.V1 && next.Clock == end && structs + next.Structs <= MaxStructs;

    public ParkedPart With(ParkedPart next) =>
        new(format, [.. bytes, .. next.Bytes], clock, next.End, structs + next.Structs, cost + next.Cost);

    /// <summary>The part as an update in its own format.</summary>
    public byte[] ToUpdate(ulong client)
    {
        if (format == UpdateFormat.V2)
            return bytes;
        ByteBuffer update = new();
        WireWriter writer = new(update);
        writer.PutVarUInt(1);
        writer.PutVarUInt((ulong)structs);
        writer.PutVarUInt(client);
        writer.PutVarUInt((ulong)clock);
        writer.PutBytes(bytes);
        writer.PutVarUInt(0);
        writer.Flush();
        return update.Written.ToArray();
    }
}
