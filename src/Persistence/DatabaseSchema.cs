using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CoEdit.Persistence;

/// <summary>Brings a database file to the schema of this version, or says why that can't be.</summary>
internal static class DatabaseSchema
{
    /// <summary>Migrates; the caller holds the file's lock, so nobody else can be migrating.</summary>
    /// <exception cref="StorageException">The file is no database, another program's, newer than this version, or damaged.</exception>
    public static void Prepare(WriterConnection connection, string path)
    {
        try
        {
            var tables = Strings(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
            var known = connection.Context.Database.GetMigrations().ToList();
            var applied = tables.Contains("__EFMigrationsHistory")
                ? Strings(connection, "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId")
                : [];
            if (applied.Except(known).Max() is { } unknown)
            {
                throw string.CompareOrdinal(unknown, known[^1]) > 0
                    ? new StorageException(
                        $"The database {path} was written by a newer CoEdit (schema {unknown}); this version knows schemas up to {known[^1]}.")
                    : new StorageException($"The database {path} has a schema that this version of CoEdit doesn't know ({unknown}).");
            }

            if (applied.Count == 0 && tables.Exists(table => !table.StartsWith("__EF", StringComparison.Ordinal)))
                throw new StorageException($"The file {path} is a SQLite database, but not one of CoEdit.");

            // EF takes this lock row while it migrates, and waits for ever for one that a killed process left behind.
            if (tables.Contains("__EFMigrationsLock"))
                connection.Execute("DELETE FROM __EFMigrationsLock");
            connection.Context.Database.Migrate();
            if (connection.Context.Meta.Find(MetaRow.InstanceId) is null)
            {
                connection.Context.Meta.Add(new MetaRow { Key = MetaRow.InstanceId, Value = Guid.NewGuid().ToString("N") });
                connection.Context.SaveChanges();
            }

            connection.Context.ChangeTracker.Clear();

            // Under synchronous=NORMAL nothing has reached the drive yet: without this a power loss could leave no tables at all.
            WriteAheadLog.Truncate(connection);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.AtStart(path, e);
        }
    }

    private static List<string> Strings(WriterConnection connection, string sql)
    {
        var values = new List<string>();
        using var rows = connection.Query(sql);
        while (rows.Read())
            values.Add(rows.GetString(0));
        return values;
    }
}
