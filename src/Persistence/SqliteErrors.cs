using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence;

/// <summary>SQLite's result codes as sentences.</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Io = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    public static StorageException AtStart(string path, SqliteException e) => new(
        e.SqliteErrorCode switch
        {
            NotADatabase => $"The file {path} is not a SQLite database.",
            Corrupt => $"The database {path} is damaged: {e.Message}",
            _ => $"The database {path} {Describe(e)}",
        },
        e);

    public static StorageException Wrap(string path, Exception e) =>
        e as StorageException ?? new StorageException($"The database {path} {Describe(e)}", e);

    private static string Describe(Exception e) => e is not SqliteException sqlite
        ? $"failed: {e.Message}"
        : sqlite.SqliteErrorCode switch
        {
            Busy or Locked => $"is locked by another program ({sqlite.Message}).",
            ReadOnly => $"can't be written to ({sqlite.Message}).",
            Io => $"has a disk that reports an error ({sqlite.Message}).",
            Full => $"has no space left ({sqlite.Message}).",
            CannotOpen => $"can't be opened ({sqlite.Message}).",
            _ => $"failed: {sqlite.Message}",
        };
}
