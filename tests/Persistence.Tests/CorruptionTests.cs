using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence.Tests;

public sealed class CorruptionTests : StorageTest
{
    [Fact]
    public async Task One_changed_byte_anywhere_in_a_log_row_is_noticed()
    {
        await using var log = await Filled();
        var row = (byte[])Sql("SELECT data FROM log WHERE doc_id = 1 AND seq = 4")!;
        for (var i = 0; i < row.Length; i++)
        {
            row[i] ^= 0x10;
            Write("UPDATE log SET data = $1 WHERE doc_id = 1 AND seq = 4", row);
            row[i] ^= 0x10;
            await IsCorrupt(log, 4);
        }

        Write("UPDATE log SET data = $1 WHERE doc_id = 1 AND seq = 4", row);
        Assert.Equal(["folded state", "c", "d"], Texts(await log.LoadAsync("notes", Ct)));
    }

    [Fact]
    public async Task One_changed_byte_anywhere_in_a_piece_of_the_state_is_noticed()
    {
        await using var log = await Filled();
        var piece = (byte[])Sql("SELECT data FROM snapshot WHERE chunk = 1")!;
        for (var i = 0; i < piece.Length; i++)
        {
            piece[i] ^= 1;
            Write("UPDATE snapshot SET data = $1 WHERE chunk = 1", piece);
            piece[i] ^= 1;
            await IsCorrupt(log, 2);
        }
    }

    [Theory]
    [InlineData("UPDATE log SET crc = crc + 1 WHERE seq = 3", 3)]
    [InlineData("DELETE FROM log WHERE doc_id = 1 AND seq = 3", 3)]
    [InlineData("DELETE FROM log WHERE doc_id = 1 AND seq = 4", 4)]
    [InlineData("DELETE FROM log WHERE doc_id = 1", 3)]
    [InlineData("DELETE FROM snapshot WHERE chunk = 0", 2)]
    [InlineData("DELETE FROM snapshot WHERE chunk = 1", 2)]
    [InlineData("DELETE FROM snapshot", 2)]
    [InlineData("UPDATE snapshot SET crc = crc - 1 WHERE chunk = 0", 2)]
    [InlineData("UPDATE snapshot SET codec = 9 WHERE chunk = 0", 2)]
    [InlineData("UPDATE doc SET snap_bytes = snap_bytes + 1 WHERE id = 1", 2)]
    [InlineData("UPDATE doc SET head = 9 WHERE id = 1", 5)]
    public async Task Missing_and_contradicting_rows_are_noticed(string damage, long sequence)
    {
        await using var log = await Filled();
        Sql(damage);
        await IsCorrupt(log, sequence);
    }

    [Fact]
    public async Task A_row_with_a_good_checksum_and_a_bad_format_is_noticed()
    {
        await using var log = await Filled();
        byte[] row = [200, 0, 0, 1];
        Write("UPDATE log SET data = $1 WHERE doc_id = 1 AND seq = 3", row);
        Sql($"UPDATE log SET crc = {Crc32C.Compute(row)} WHERE doc_id = 1 AND seq = 3");
        await IsCorrupt(log, 3);
    }

    [Fact]
    public async Task Damage_below_the_rows_is_told_as_damage_of_the_document()
    {
        string name = new('x', 100);
        await using (var log = Open())
        {
            var document = await Load(log, name);
            await AppendEach(log, document, [.. Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 3000))]);
        }

        // Page types are bytes 2, 5, 10 and 13; no page may start with this.
        var root = (long)Sql("SELECT rootpage FROM sqlite_master WHERE name = 'log'")!;
        await using (var file = new FileStream(DatabasePath, FileMode.Open))
        {
            file.Position = (root - 1) * 4096;
            file.WriteByte(0xEE);
        }

        await using var again = Open();
        var error = await Assert.ThrowsAsync<CorruptDocumentException>(() => again.LoadAsync(name, Ct));
        Assert.Equal((name, 0L), (error.Name, error.Sequence));
        Assert.IsType<SqliteException>(error.InnerException);
    }

    // A document with a state of two pieces through row 2, rows 3 and 4; and another document.
    private async Task<SqliteUpdateLog> Filled()
    {
        var log = Open();
        var document = await Load(log, "notes");
        await AppendEach(log, document, "a", "b");
        Assert.True(await log.FoldAsync(document, Bytes("folded state"), 2, Ct));
        await AppendEach(log, document, "c", "d");
        await AppendEach(log, await Load(log, "other"), "intact");
        return log;
    }

    private static async Task IsCorrupt(SqliteUpdateLog log, long sequence)
    {
        var error = await Assert.ThrowsAsync<CorruptDocumentException>(() => log.LoadAsync("notes", Ct));
        Assert.Equal(("notes", sequence), (error.Name, error.Sequence));
        Assert.Contains($"\"notes\" is damaged at sequence {sequence}", error.Message, StringComparison.Ordinal);
        Assert.Equal(["intact"], Texts(await log.LoadAsync("other", Ct)));
    }

    private void Write(string sql, byte[] data)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$1", data);
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
