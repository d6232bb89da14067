using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace CoEdit.Persistence.Tests;

public sealed class StartTests : StorageTest
{
    [Fact]
    public async Task Missing_folders_and_the_file_are_created()
    {
        var path = Path.Combine(Folder.Path, "new", "folders", "coedit.db");
        await using var log = Open(o => o.ConnectionString = $"Data Source={path}");

        Assert.True(File.Exists(path));
        Assert.Equal(path, log.Status.DataFile);
        Assert.Matches(@"^3\.\d+\.\d+$", log.Status.SqliteVersion);
        Assert.True(log.Status.Writable);
        Assert.Null(log.Status.Error);
        Assert.True(log.IsAccepting);
    }

    [Fact]
    public void The_data_file_is_told_by_its_absolute_path()
    {
        using var file = DataFile.Acquire(new StorageOptions
        {
            ConnectionString = $"Data Source={Path.GetRelativePath(Environment.CurrentDirectory, DatabasePath)}",
        });
        Assert.Equal(DatabasePath, file.Path);
    }

    [Fact]
    public async Task The_database_is_a_write_ahead_log_with_full_flushes()
    {
        object? synchronous = null;
        await using var log = Open(o => o.WriterOpened = connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous";
            synchronous = command.ExecuteScalar();
        });
        Assert.Equal(2L, synchronous);
        Assert.Equal("wal", Sql("PRAGMA journal_mode"));
        Assert.Contains("WITHOUT ROWID", (string)Sql("SELECT sql FROM sqlite_master WHERE name = 'log'")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_keeps_its_id()
    {
        await Open().DisposeAsync();
        var first = Sql("SELECT value FROM meta WHERE key = 'instance_id'");
        await Open().DisposeAsync();
        Assert.Equal(first, Sql("SELECT value FROM meta WHERE key = 'instance_id'"));
        Assert.Matches("^[0-9a-f]{32}$", (string)first!);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(DatabasePath);
        Refuses("folder, not a file");
    }

    [Fact]
    public void A_folder_that_cannot_be_created_is_refused()
    {
        File.WriteAllText(Folder.File("file"), "");
        Refuses("can't be created", Folder.File("file/below/coedit.db"));
    }

    [Fact]
    public void A_file_that_cannot_be_written_to_is_refused()
    {
        if (!OperatingSystem.IsLinux())
        {
            File.WriteAllText(DatabasePath, "");
            File.SetAttributes(DatabasePath, FileAttributes.ReadOnly);
            Refuses("can't be opened for writing");
            File.SetAttributes(DatabasePath, FileAttributes.Normal);
            return;
        }

        // Permissions don't stop root, but nobody may write to a program that runs.
        File.Copy("/bin/sleep", DatabasePath);
        using var process = Process.Start(DatabasePath, "60");
        try
        {
            Refuses("can't be opened for writing");
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    [Fact]
    public async Task A_second_server_is_refused_under_another_name_of_the_file_too()
    {
        await using var first = Open();
        Directory.CreateSymbolicLink(Folder.File("link"), Folder.Path);
        File.CreateSymbolicLink(Folder.File("other.db"), DatabasePath);
        Refuses("in use by another CoEdit server", Folder.File("link/coedit.db"));
        Refuses("in use by another CoEdit server", Folder.File("link/other.db"));
    }

    [Fact]
    public async Task A_database_that_another_program_has_locked_is_refused()
    {
        await Open().DisposeAsync();
        using var other = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        other.Open();
        using var transaction = other.BeginTransaction();
        Refuses("locked by another program");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("This is certainly not a database, but it is longer than the header of one would be.")]
    public void Garbage_is_refused(string content)
    {
        File.WriteAllText(DatabasePath, content);
        Refuses("not a SQLite database");
        Assert.Equal(content, File.ReadAllText(DatabasePath));
    }

    [Fact]
    public void A_damaged_database_is_refused()
    {
        File.WriteAllBytes(DatabasePath, [.. "SQLite format 3\0"u8, .. new byte[8192]]);
        Refuses("not a SQLite database");
    }

    [Fact]
    public async Task A_database_with_a_damaged_schema_is_refused()
    {
        await Open().DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(DatabasePath, Ct);
        Array.Fill(bytes, (byte)0xEE, 100, 3000);
        await File.WriteAllBytesAsync(DatabasePath, bytes, Ct);
        Refuses("damaged");
    }

    [Fact]
    public async Task An_empty_file_becomes_a_database()
    {
        await File.WriteAllBytesAsync(DatabasePath, [], Ct);
        await using var log = Open();
        await AppendEach(log, await Load(log, "notes"), "a");
    }

    [Fact]
    public async Task A_second_server_is_refused_until_the_first_has_gone()
    {
        var first = Open();
        Refuses("in use by another CoEdit server");
        await first.DisposeAsync();
        await using var second = Open();
        Assert.True(second.IsAccepting);
    }

    [Fact]
    public async Task A_refused_start_releases_the_lock()
    {
        await File.WriteAllTextAsync(DatabasePath, "garbage", Ct);
        Refuses("not a SQLite database");
        File.Delete(DatabasePath);
        await using var log = Open();
        Assert.True(log.IsAccepting);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        await Open().DisposeAsync();
        Sql("INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0')");
        Refuses("newer CoEdit (schema 29991231000000_Future)");
    }

    [Fact]
    public async Task A_schema_that_was_never_released_is_refused()
    {
        await Open().DisposeAsync();
        Sql("INSERT INTO __EFMigrationsHistory VALUES ('20000101000000_Fork', '1.0')");
        Refuses("doesn't know (20000101000000_Fork)");
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        Sql("CREATE TABLE customers(id INTEGER PRIMARY KEY)");
        Refuses("not one of CoEdit");
        Assert.Equal(1L, Sql("SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public async Task An_abandoned_migration_lock_does_not_stop_the_start()
    {
        await Open().DisposeAsync();
        Sql("CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER NOT NULL PRIMARY KEY, Timestamp TEXT NOT NULL)");
        Sql("INSERT INTO __EFMigrationsLock VALUES (1, '2026-11-21')");
        await using var log = await Task.Run(() => Open(), Ct).WaitAsync(TimeSpan.FromSeconds(30), Ct);
        Assert.Equal(0L, Sql("SELECT count(*) FROM __EFMigrationsLock"));
    }

    [Theory]
    [InlineData("", "CoEdit:Storage:ConnectionString")]
    [InlineData("Data Source=", "must name a file")]
    [InlineData("Data Source=:memory:", "by its path")]
    [InlineData("Data Source=file:x.db?mode=ro", "by its path")]
    [InlineData("Data Source=x.db;Mode=ReadOnly", "not \"mode\"")]
    [InlineData("nonsense", "not a connection string")]
    public void A_connection_string_that_names_no_file_is_refused(string connectionString, string because)
    {
        var error = Assert.Throws<StorageException>(() => Open(o => o.ConnectionString = connectionString));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_out_of_range_is_named()
    {
        var options = new StorageOptions
        {
            ConnectionString = " ",
            Synchronous = (SynchronousMode)7,
            Linger = TimeSpan.FromSeconds(-1),
            MaxQueueBytes = 0,
            SnapshotChunkBytes = 0,
            CheckpointInterval = TimeSpan.Zero,
            Readers = 0,
        };
        Assert.Equal(
            ["ConnectionString", "Synchronous", "Linger", "MaxQueueBytes", "SnapshotChunkBytes", "CheckpointInterval", "Readers"],
            options.Validate().Select(error => error.Split(' ')[0]["CoEdit:Storage:".Length..]));
        Assert.Empty(new StorageOptions().Validate());
    }

    [Theory]
    [InlineData("/data/coedit.db", "nfs4")]
    [InlineData("/data/local/coedit.db", null)]
    [InlineData("/data/local", null)]
    [InlineData("/database/coedit.db", null)]
    [InlineData("/with blank/coedit.db", "cifs")]
    [InlineData("/twice/coedit.db", null)]
    [InlineData("/home/x", null)]
    public void A_network_file_system_is_recognised_by_the_innermost_mount(string path, string? type)
    {
        string[] mounts =
        [
            "22 1 0:20 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
            "30 22 0:30 / /data rw,relatime shared:2 - nfs4 server:/export rw",
            "31 30 0:31 / /data/local rw,relatime - xfs /dev/sdb1 rw",
            @"32 22 0:32 / /with\040blank rw - cifs //server/share rw",
            "33 22 0:33 / /twice rw - nfs server:/x rw",
            "34 22 0:34 / /twice rw - tmpfs tmpfs rw",
            "a line that makes no sense",
        ];
        Assert.Equal(type, NetworkFileSystem.TypeOf(path, mounts));
    }

    [Fact]
    public void Checksums_are_crc32c()
    {
        // The check value of the catalogue of parametrised CRC algorithms, and zeroes from RFC 3720, B.4.
        Assert.Equal(0xE3069283, Crc32C.Compute("123456789"u8));
        Assert.Equal(0x8A9136AA, Crc32C.Compute(new byte[32]));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    private void Refuses(string because, string? path = null)
    {
        var error = Assert.Throws<StorageException>(() => Open(o =>
        {
            if (path is not null)
                o.ConnectionString = $"Data Source={path}";
        }));
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Contains(path ?? DatabasePath, error.Message, StringComparison.Ordinal);
    }
}
