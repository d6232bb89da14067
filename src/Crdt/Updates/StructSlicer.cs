namespace CoEdit.Crdt;

/// <summary>Writes a part of a struct as a struct of its own.</summary>
internal static class StructSlicer
{
    // U+FFFD: what Yjs leaves of a surrogate pair that is cut in two.
    private static ReadOnlySpan<byte> Replacement => [0xEF, 0xBF, 0xBD];

    /// <summary>Writes units <paramref name="from"/> to <paramref name="to"/> (exclusive) of a struct.</summary>
    /// <remarks>A part that starts later has the unit in front of it as origin. Only splittable content can be cut.</remarks>
    public static void Write(
        ReadOnlySpan<byte> source, in StructView view, ulong client, uint clock, uint from, uint to, ref WireWriter writer)
    {
        if (from == 0 && to == view.Length)
        {
            writer.PutBytes(source[view.Start..view.End]);
            return;
        }

        WriteHeader(source, view, view.Kind, client, clock, from, ref writer);
        switch (view.Kind)
        {
            case StructKind.Gc or StructKind.Deleted:
                writer.PutVarUInt(to - from);
                break;
            case StructKind.String:
                TextSlice text = CutText(source[view.Payload..view.End], view.Length, from, to);
                writer.PutVarUInt((ulong)text.Length);
                text.WriteTo(ref writer);
                break;
            case StructKind.Any or StructKind.Json:
                writer.PutVarUInt(to - from);
                writer.PutBytes(CutValues(source, view, from, to));
                break;
            default:
                throw new InvalidOperationException("A struct of one unit was to be cut.");
        }
    }

    /// <summary>Writes first byte, references and parent of the part that starts at <paramref name="from"/>.</summary>
    public static void WriteHeader(
        ReadOnlySpan<byte> source, in StructView view, StructKind kind, ulong client, uint clock, uint from, ref WireWriter writer)
    {
        if (kind == StructKind.Gc)
        {
            writer.PutByte((byte)StructKind.Gc);
            return;
        }

        if (from == 0)
        {
            writer.PutByte((byte)((view.Info & ~StructInfo.KindMask) | (int)kind));
            writer.PutBytes(source[(view.Start + 1)..view.Content]);
            return;
        }

        writer.PutByte((byte)(StructInfo.HasOrigin | (view.Info & StructInfo.HasRightOrigin) | (int)kind));
        writer.PutVarUInt(client);
        writer.PutVarUInt(clock + from - 1);
        if (view.HasRightOrigin)
        {
            writer.PutVarUInt(view.RightClient);
            writer.PutVarUInt(view.RightClock);
        }
    }

    /// <summary>The bytes of the values <paramref name="from"/> to <paramref name="to"/> of an Any or JSON struct.</summary>
    public static ReadOnlySpan<byte> CutValues(ReadOnlySpan<byte> source, scoped in StructView view, uint from, uint to)
    {
        Lib0Reader reader = new(source[view.Payload..view.End]);
        SkipValues(ref reader, view.Kind, from);
        int start = reader.Position;
        SkipValues(ref reader, view.Kind, to - from);
        return reader.ReadSince(start);
    }

    /// <summary>UTF-16 units <paramref name="from"/> to <paramref name="to"/> of a UTF-8 text of <paramref name="units"/> units.</summary>
    public static TextSlice CutText(ReadOnlySpan<byte> utf8, uint units, uint from, uint to)
    {
        if (utf8.Length == units)
            return new TextSlice(utf8[(int)from..(int)to], halfBefore: false, halfBehind: false);
        int start = OffsetOf(utf8, 0, (int)from, out bool startsInside);
        int skipped = startsInside ? 4 : 0;
        // Behind a halved pair the count goes on with the unit after it.
        int left = (int)(to - from) - (startsInside ? 1 : 0);
        int end = start + skipped + OffsetOf(utf8[(start + skipped)..], 0, left, out bool endsInside);
        return new TextSlice(utf8[(start + skipped)..end], startsInside, endsInside);
    }

    private static void SkipValues(ref Lib0Reader reader, StructKind kind, uint count)
    {
        if (kind == StructKind.Any)
        {
            AnyValue.Skip(ref reader, count);
            return;
        }

        for (uint i = 0; i < count; i++)
            reader.ReadVarBytes();
    }

    // The offset of the character that holds a unit; inside means the unit is the second half of a pair.
    private static int OffsetOf(ReadOnlySpan<byte> utf8, int offset, int unit, out bool inside)
    {
        inside = false;
        while (unit > 0)
        {
            byte lead = utf8[offset];
            int bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            if (bytes == 4)
            {
                if (unit == 1)
                {
                    inside = true;
                    return offset;
                }

                unit--;
            }

            unit--;
            offset += bytes;
        }

        return offset;
    }

    /// <summary>A piece of UTF-8, with a replacement character where the cut went through a surrogate pair.</summary>
    internal readonly ref struct TextSlice(ReadOnlySpan<byte> utf8, bool halfBefore, bool halfBehind)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;

        public int Length => _utf8.Length + (halfBefore ? Replacement.Length : 0) + (halfBehind ? Replacement.Length : 0);

        public void WriteTo(ref WireWriter writer)
        {
            if (halfBefore)
                writer.PutBytes(Replacement);
            writer.PutBytes(_utf8);
            if (halfBehind)
                writer.PutBytes(Replacement);
        }
    }
}
