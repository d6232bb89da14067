using System.Text;

namespace CoEdit.Crdt;

/// <summary>Finds where to cut the content of a struct that is too large for one message.</summary>
internal static class LargeContent
{
    /// <summary>How many bytes of <paramref name="content"/> hold at most so many bytes and units, at least one character or value.</summary>
    /// <param name="content">Texts: UTF-8. Any: encoded values.</param>
    /// <param name="kind">String or Any.</param>
    /// <param name="maxBytes">Bytes at most, unless the first character or value alone has more.</param>
    /// <param name="maxUnits">Units at most; a surrogate pair that would be cut stays out.</param>
    /// <param name="units">Units in those bytes.</param>
    public static int Measure(ReadOnlySpan<byte> content, StructKind kind, long maxBytes, uint maxUnits, out uint units) =>
        kind == StructKind.String ? MeasureText(content, maxBytes, maxUnits, out units) : MeasureValues(content, maxBytes, maxUnits, out units);

    private static int MeasureText(ReadOnlySpan<byte> utf8, long maxBytes, uint maxUnits, out uint units)
    {
        units = 0;
        if (maxUnits == 0)
            return 0;
        if (maxUnits == uint.MaxValue)
        {
            int end = (int)Math.Min(Math.Max(maxBytes, 4), utf8.Length);
            while (end < utf8.Length && (utf8[end] & 0xC0) == 0x80)
                end--;
            units = (uint)Encoding.UTF8.GetCharCount(utf8[..end]);
            return end;
        }

        int offset = 0;
        while (offset < utf8.Length)
        {
            byte lead = utf8[offset];
            int bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            uint step = bytes == 4 ? 2u : 1u;
            if (units + step > maxUnits)
                break;
            units += step;
            offset += bytes;
        }

        return offset;
    }

    private static int MeasureValues(ReadOnlySpan<byte> values, long maxBytes, uint maxUnits, out uint units)
    {
        units = 0;
        Lib0Reader reader = new(values);
        while (!reader.IsAtEnd && units < maxUnits)
        {
            int before = reader.Position;
            AnyValue.Skip(ref reader, 1);
            if (units > 0 && reader.Position > maxBytes)
                return before;
            units++;
        }

        return reader.Position;
    }
}
