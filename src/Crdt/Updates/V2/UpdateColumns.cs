namespace CoEdit.Crdt;

/// <summary>How far the columns of one update v2 have been read. No bytes: they come with each <see cref="UpdateDecoderV2"/>.</summary>
/// <remarks>
/// <code>
/// update := u(features) keyClock client leftClock rightClock info string parentInfo typeRef len rest
/// </code>
/// Each column is a <c>buf</c>; the rest runs to the end. The value of the feature flag is ignored, as Yjs does.
/// Copying this value remembers a position.
/// </remarks>
internal struct UpdateColumns
{
    public IntDiffOptRleDecoder KeyClocks;
    public UintOptRleDecoder Clients;
    public IntDiffOptRleDecoder LeftClocks;
    public IntDiffOptRleDecoder RightClocks;
    public RleDecoder Infos;
    public StringColumnDecoder Strings;
    public RleDecoder ParentInfos;
    public UintOptRleDecoder TypeRefs;
    public UintOptRleDecoder Lengths;

    /// <summary>Keys in the order of their first use. The writers of Yjs never refer back to one, readers have to expect it.</summary>
    public ScratchList<TextRef> Keys;

    /// <summary>Offset of the next unread byte of the rest.</summary>
    public int RestPosition;

    /// <summary>Finds the columns in <paramref name="update"/>.</summary>
    /// <exception cref="MalformedUpdateException">A column is longer than the update, or the text is not UTF-8.</exception>
    public static UpdateColumns Open(ReadOnlySpan<byte> update)
    {
        Lib0Reader reader = new(update);
        reader.ReadVarUInt();
        UpdateColumns columns = default;
        int end = Next(ref reader, out int start);
        columns.KeyClocks = new IntDiffOptRleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.Clients = new UintOptRleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.LeftClocks = new IntDiffOptRleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.RightClocks = new IntDiffOptRleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.Infos = new RleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.Strings = new StringColumnDecoder(update, start, end);
        end = Next(ref reader, out start);
        columns.ParentInfos = new RleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.TypeRefs = new UintOptRleDecoder(start, end);
        end = Next(ref reader, out start);
        columns.Lengths = new UintOptRleDecoder(start, end);
        columns.RestPosition = end;
        return columns;
    }

    private static int Next(ref Lib0Reader reader, out int start)
    {
        int length = reader.ReadVarBytes().Length;
        start = reader.Position - length;
        return reader.Position;
    }
}
