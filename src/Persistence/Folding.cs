using Microsoft.EntityFrameworkCore;

namespace CoEdit.Persistence;

/// <summary>The statements of folding and deleting, each the body of one transaction on the writer.</summary>
/// <remarks>
/// <code>
/// Begin      may this fold start? orphans of a crashed fold go away
/// AddChunk*  pieces of generation g+1, one transaction each; until the flip nobody reads them
/// Flip       doc.snap_gen: g → g+1, doc.snap_seq: → through        the only moment that counts
/// Sweep*     log rows up to snap_seq and generations before g, in slices; appends commit in between
/// </code>
/// A crash before the flip leaves orphans, a crash after it leaves surplus rows that loading ignores and the flag
/// <see cref="DocumentRow.SurplusFlag"/> that makes the next start sweep on. A deletion is a flip by two generations to a state
/// without chunks, so that the sweep takes the last generation too.
/// </remarks>
internal static class Folding
{
    private const int SweptRows = 500;
    private const int SweptChunks = 16;

    /// <summary>
    /// The generation in use, or null if a fold would be pointless or wrong: no such document, or one whose rows up to there are
    /// folded already. A state of a deleted past is recognised by this too, for a deletion moves <c>snap_seq</c> to the last row.
    /// </summary>
    public static long? Begin(WriterConnection connection, long documentId, long through) =>
        (long?)connection.Scalar(
            """
            SELECT snap_gen FROM doc WHERE id = $1 AND deleted_at IS NULL AND $2 <= head
                AND ($2 > snap_seq OR ($2 = snap_seq AND snap_bytes > 0))
            """,
            documentId, through);

    /// <summary>Removes some chunks of generations after the one in use; false when there are no more.</summary>
    public static bool RemoveOrphans(WriterConnection connection, long documentId, long generation) =>
        connection.Execute(
            "DELETE FROM snapshot WHERE rowid IN (SELECT rowid FROM snapshot WHERE doc_id = $1 AND gen > $2 LIMIT $3)",
            documentId, generation, SweptChunks) > 0;

    public static void AddChunk(WriterConnection connection, long documentId, long generation, long chunk, long through, byte[] data) =>
        connection.Execute(
            "INSERT INTO snapshot(doc_id, gen, chunk, seq, crc, codec, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            documentId, generation, chunk, through, (long)Crc32C.Compute(data), SnapshotRow.RawCodec, data);

    /// <summary>Whether the chunks of a generation are the given state; on a reader, so that they come back through the file.</summary>
    public static bool IsStored(CoEditDbContext database, long documentId, long generation, ReadOnlySpan<byte> state)
    {
        var position = 0;
        var expected = 0;
        foreach (var chunk in database.Set<SnapshotRow>().AsNoTracking()
            .Where(s => s.DocumentId == documentId && s.Generation == generation)
            .OrderBy(s => s.Chunk))
        {
            if (chunk.Chunk != expected++ ||
                chunk.Crc != Crc32C.Compute(chunk.Data) ||
                !state[position..].StartsWith(chunk.Data))
            {
                return false;
            }

            position += chunk.Data.Length;
        }

        return position == state.Length;
    }

    /// <summary>Makes the next generation the one in use; null if it is not the next any more.</summary>
    public static Folded? Flip(WriterConnection connection, long documentId, long generation, long through, long stateBytes)
    {
        int rows;
        long bytes;
        using (var left = connection.Query(
            "SELECT count(*), coalesce(sum(length(data)), 0) FROM log WHERE doc_id = $1 AND seq > $2", documentId, through))
        {
            left.Read();
            (rows, bytes) = (left.GetInt32(0), left.GetInt64(1));
        }

        var flipped = connection.Execute(
            """
            UPDATE doc SET snap_gen = $2 + 1, snap_seq = $3, snap_bytes = $4, bytes = $4 + $5, flags = flags | $6
            WHERE id = $1 AND snap_gen = $2 AND snap_seq <= $3
            """,
            documentId, generation, through, stateBytes, bytes, DocumentRow.SurplusFlag);
        return flipped == 0 ? null : new Folded(rows, bytes, stateBytes);
    }

    /// <summary>Ends a document's epoch; null if it was never stored and needs no tombstone.</summary>
    public static Deleted? Delete(WriterConnection connection, string name, byte[] tombstone, long milliseconds)
    {
        if (tombstone.Length > 0)
        {
            connection.Execute(
                """
                INSERT INTO doc(name, head, snap_seq, snap_gen, snap_bytes, epoch, flags, bytes, created, updated)
                VALUES ($1, 0, 0, 0, 0, 0, 0, 0, $2, $2) ON CONFLICT(name) DO NOTHING
                """,
                name, milliseconds);
        }

        using var row = connection.Query(
            """
            UPDATE doc SET snap_gen = snap_gen + 2, snap_seq = head, snap_bytes = 0, bytes = 0, flags = flags | $4,
                epoch = epoch + 1, tombstone = $2, deleted_at = $3
            WHERE name = $1 RETURNING id, epoch
            """,
            name, tombstone, milliseconds, DocumentRow.SurplusFlag);
        return row.Read() ? new Deleted(row.GetInt64(0), row.GetInt64(1)) : null;
    }

    /// <summary>Removes a slice of what no longer counts; false when nothing was left.</summary>
    public static bool Sweep(WriterConnection connection, long documentId)
    {
        var rows = connection.Execute(
            """
            DELETE FROM log WHERE doc_id = $1 AND seq <= (SELECT snap_seq FROM doc WHERE id = $1)
                AND seq < (SELECT min(seq) FROM log WHERE doc_id = $1) + $2
            """,
            documentId, SweptRows);
        var chunks = connection.Execute(
            """
            DELETE FROM snapshot WHERE rowid IN (
                SELECT rowid FROM snapshot WHERE doc_id = $1 AND gen < (SELECT snap_gen - 1 FROM doc WHERE id = $1) LIMIT $2)
            """,
            documentId, SweptChunks);
        if (rows > 0 || chunks > 0)
            return true;
        connection.Execute("UPDATE doc SET flags = flags & ~$2 WHERE id = $1", documentId, DocumentRow.SurplusFlag);
        return false;
    }

    /// <summary>What remains beside the state of <paramref name="SnapshotBytes"/>.</summary>
    internal sealed record Folded(int LogRows, long LogBytes, long SnapshotBytes);

    internal sealed record Deleted(long DocumentId, long Epoch);
}
