using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence;

/// <summary>The database file while this process owns it: where it is, and the lock that keeps a second server away.</summary>
/// <remarks>
/// The lock is a file of its own beside the database, held open without sharing for the life of the process: the operating system
/// releases it however the process ends, and SQLite's own locks are not involved. The lock file is never removed, for removing a
/// lock file is a race.
/// </remarks>
internal sealed class DataFile : IDisposable
{
    // Failing commands wait this long, in seconds, for a lock of some other program before they report it.
    private const int BusySeconds = 2;

    private static readonly string[] DataSourceKeywords = ["data source", "datasource", "filename"];
    private static readonly byte[] Header = Encoding.ASCII.GetBytes("SQLite format 3\0");

    private readonly FileStream _lock;

    private DataFile(string path, FileStream fileLock)
    {
        Path = path;
        _lock = fileLock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public string WriterConnectionString => ConnectionString(SqliteOpenMode.ReadWriteCreate);

    public string ReaderConnectionString => ConnectionString(SqliteOpenMode.ReadOnly);

    /// <summary>Finds the folder or creates it, takes the lock and makes sure that a database can be there.</summary>
    /// <exception cref="StorageException">One of the steps failed; the message says which and why.</exception>
    public static DataFile Acquire(StorageOptions options)
    {
        var path = PathOf(options.ConnectionString);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder of the database {path} can't be created: {e.Message}", e);
        }

        if (Directory.Exists(path))
            throw new StorageException($"The database {path} can't be used: it is a folder, not a file.");
        var realPath = Resolve(path);
        if (NetworkFileSystem.TypeOf(realPath) is { } type)
        {
            throw new StorageException(
                $"The database {path} is on a network file system ({type}), where SQLite's write-ahead log doesn't work; choose a local disk.");
        }

        var fileLock = TakeLock(path, realPath + ".lock");
        try
        {
            CheckContent(path);
            return new DataFile(path, fileLock);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string PathOf(string connectionString)
    {
        const string Key = "CoEdit:Storage:ConnectionString";
        var parsed = new DbConnectionStringBuilder();
        try
        {
            parsed.ConnectionString = connectionString;
        }
        catch (ArgumentException e)
        {
            throw new StorageException($"{Key} is not a connection string: {e.Message}", e);
        }

        string? path = null;
        foreach (string keyword in parsed.Keys)
        {
            if (!DataSourceKeywords.Contains(keyword, StringComparer.OrdinalIgnoreCase))
                throw new StorageException($"{Key} may only hold \"Data Source\", not \"{keyword}\": CoEdit sets the rest itself.");
            path = (string)parsed[keyword];
        }

        if (string.IsNullOrWhiteSpace(path))
            throw new StorageException($"{Key} must name a file: Data Source=path.");
        if (path == ":memory:" || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            throw new StorageException($"{Key} must name a file by its path, not \"{path}\".");
        return System.IO.Path.GetFullPath(path);
    }

    // Every symbolic link in the path followed, as far as it exists: two names of one database must meet at one lock.
    private static string Resolve(string path)
    {
        // The bound that Linux has for one look-up.
        const int MaxLinks = 40;
        for (var links = 0; ; links++)
        {
            if (FirstLink(path) is not { } link)
                return path;
            if (links == MaxLinks)
                throw new StorageException($"The database {path} can't be used: its path has too many symbolic links.");
            path = System.IO.Path.Join(link.ResolveLinkTarget(returnFinalTarget: false)!.FullName, path[link.FullName.Length..]);
        }
    }

    private static FileInfo? FirstLink(string path)
    {
        for (var end = System.IO.Path.GetPathRoot(path)!.Length; end < path.Length; end++)
        {
            var next = path.IndexOf(System.IO.Path.DirectorySeparatorChar, end);
            end = next < 0 ? path.Length : next;
            var part = new FileInfo(path[..end]);
            if (part.LinkTarget is not null)
                return part;
        }

        return null;
    }

    private static FileStream TakeLock(string path, string lockPath)
    {
        try
        {
            return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new StorageException($"The database {path} is in use by another CoEdit server, which holds {lockPath}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder of the database {path} can't be written to: {e.Message}", e);
        }
    }

    // What the runtime reports for a file that is open elsewhere: EWOULDBLOCK on Linux and macOS, the two sharing errors on Windows.
    private static bool IsSharingViolation(IOException e) =>
        e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    // SQLite itself opens a file that it can't write to as read-only without a word. Must be done before SQLite has the file open: closing a
    // second descriptor of a file drops the locks that a process holds on it.
    private static void CheckContent(string path)
    {
        if (!File.Exists(path))
            return;
        Span<byte> start = stackalloc byte[Header.Length];
        int read;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The database {path} can't be opened for writing: {e.Message}", e);
        }

        if (read > 0 && !start[..read].SequenceEqual(Header))
            throw new StorageException($"The file {path} is not a SQLite database.");
    }

    // Pooling would keep connections, and with them the write-ahead log, open after their disposal.
    private string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = Path,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = BusySeconds,
    }.ToString();
}
