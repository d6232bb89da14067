using CoEdit.Crdt;

namespace CoEdit.Load;

/// <summary>Reads which letters of which clients an update carries, however the server has merged, cut or collected them.</summary>
internal sealed class TypedRanges
{
    private const int ContentMask = 0x1F;
    private const byte StringContent = 4;
    private const byte HasOrigin = 0x80;
    private const byte HasRightOrigin = 0x40;

    private readonly List<ClockRange> _ranges = [];
    private readonly List<ClockRange> _deletes = [];

    /// <summary>The ranges in <paramref name="update"/>; valid until the next call.</summary>
    public IReadOnlyList<ClockRange> Read(ReadOnlySpan<byte> update)
    {
        _ranges.Clear();
        if (TryReadText(update))
            return _ranges;
        _ranges.Clear();
        _deletes.Clear();
        UpdateInfo.ReadRanges(update, _ranges, _deletes);
        return _ranges;
    }

    // Plain text in root types, which is all that the generator types and nearly all that comes back.
    private bool TryReadText(ReadOnlySpan<byte> update)
    {
        var reader = new Lib0Reader(update);
        for (ulong clients = reader.ReadVarUInt(); clients > 0; clients--)
        {
            ulong structs = reader.ReadVarUInt();
            ulong client = reader.ReadVarUInt();
            uint start = reader.ReadVarUInt31();
            uint end = start;
            for (; structs > 0; structs--)
            {
                byte info = reader.ReadByte();
                if ((info & ContentMask) != StringContent)
                    return false;
                SkipId(ref reader, info & HasOrigin);
                SkipId(ref reader, info & HasRightOrigin);
                if ((info & (HasOrigin | HasRightOrigin)) == 0)
                {
                    if (reader.ReadVarUInt() != 1)
                        return false;
                    reader.ReadVarBytes();
                }

                end += (uint)reader.ReadVarBytes().Length; // the generator types ASCII: a byte is a unit
            }

            _ranges.Add(new ClockRange(client, start, end));
        }

        return true;
    }

    private static void SkipId(ref Lib0Reader reader, int present)
    {
        if (present == 0)
            return;
        reader.ReadVarUInt();
        reader.ReadVarUInt();
    }
}
