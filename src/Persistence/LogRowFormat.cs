namespace CoEdit.Persistence;

/// <summary>The data of a log row: one document's updates of one commit, in order.</summary>
/// <remarks>
/// <code>
/// row   := entry+
/// entry := u(length) u(author) u(milliseconds) byte[length]
/// </code>
/// <c>u</c> is a <see cref="VarInt"/>; author refers to the <c>author</c> table, 0 is nobody known; milliseconds count from the row's
/// <c>ts</c>. The checksum of the row covers all of it.
/// </remarks>
internal static class LogRowFormat
{
    /// <summary>Author reference of updates by nobody known.</summary>
    public const long Anonymous = 0;

    public static long EntrySize(int length, long author, long milliseconds) =>
        (long)VarInt.Size((ulong)length) + VarInt.Size((ulong)author) + VarInt.Size((ulong)milliseconds) + length;

    /// <summary>Writes an entry and returns the position behind it.</summary>
    public static int WriteEntry(Span<byte> target, int position, ReadOnlySpan<byte> update, long author, long milliseconds)
    {
        position = VarInt.Write(target, position, (ulong)update.Length);
        position = VarInt.Write(target, position, (ulong)author);
        position = VarInt.Write(target, position, (ulong)milliseconds);
        update.CopyTo(target[position..]);
        return position + update.Length;
    }

    /// <summary>Adds the updates of a row, as slices of it; false if the row doesn't follow the grammar.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> row, List<ReadOnlyMemory<byte>> updates)
    {
        var span = row.Span;
        var position = 0;
        do
        {
            if (!VarInt.TryRead(span, ref position, out var length) ||
                !VarInt.TryRead(span, ref position, out _) ||
                !VarInt.TryRead(span, ref position, out _) ||
                length > (ulong)(span.Length - position))
            {
                return false;
            }

            updates.Add(row.Slice(position, (int)length));
            position += (int)length;
        }
        while (position < span.Length);

        return true;
    }
}
