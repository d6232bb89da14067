using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CoEdit.Persistence;

/// <summary>The database as EF Core sees it: schema, migrations and queries.</summary>
/// <remarks>
/// Contexts from the service container are read-only: SQLite allows one writer, and that is the log's own thread. The log's hot path
/// is hand-written SQL inside this context's transactions.
/// </remarks>
public sealed class CoEditDbContext : DbContext
{
    /// <summary>Creates a context over the given connection.</summary>
    public CoEditDbContext(DbContextOptions<CoEditDbContext> options)
        : base(options)
    {
    }

    /// <summary>All documents, deleted ones included.</summary>
    public DbSet<DocumentRow> Documents => Set<DocumentRow>();

    internal DbSet<MetaRow> Meta => Set<MetaRow>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<DocumentRow>(document =>
        {
            document.ToTable("doc");
            document.HasKey(d => d.Id);
            document.Property(d => d.Id).HasColumnName("id").ValueGeneratedNever();
            document.Property(d => d.Name).HasColumnName("name").UseCollation("BINARY");
            document.Property(d => d.Head).HasColumnName("head");
            document.Property(d => d.SnapshotSequence).HasColumnName("snap_seq");
            document.Property(d => d.SnapshotGeneration).HasColumnName("snap_gen");
            document.Property(d => d.SnapshotBytes).HasColumnName("snap_bytes");
            document.Property(d => d.Epoch).HasColumnName("epoch");
            document.Property(d => d.Flags).HasColumnName("flags");
            document.Property(d => d.Bytes).HasColumnName("bytes");
            document.Property(d => d.Tombstone).HasColumnName("tombstone");
            document.Property(d => d.Created).HasColumnName("created");
            document.Property(d => d.Updated).HasColumnName("updated");
            document.Property(d => d.DeletedAt).HasColumnName("deleted_at");
            document.HasIndex(d => d.Name).IsUnique().HasDatabaseName("doc_name");
            document.HasIndex(d => d.Flags).HasDatabaseName("doc_surplus").HasFilter("flags <> 0");
        });
        modelBuilder.Entity<LogRow>(log =>
        {
            log.ToTable("log");
            log.HasKey(r => new { r.DocumentId, r.Sequence });
            log.Property(r => r.DocumentId).HasColumnName("doc_id");
            log.Property(r => r.Sequence).HasColumnName("seq");
            log.Property(r => r.Crc).HasColumnName("crc");
            log.Property(r => r.Timestamp).HasColumnName("ts");
            log.Property(r => r.Data).HasColumnName("data");
        });
        modelBuilder.Entity<AuthorRow>(author =>
        {
            author.ToTable("author");
            author.HasKey(a => a.Id);
            author.Property(a => a.Id).HasColumnName("id").ValueGeneratedNever();
            author.Property(a => a.Principal).HasColumnName("principal").UseCollation("BINARY");
            author.HasIndex(a => a.Principal).IsUnique().HasDatabaseName("author_principal");
        });
        modelBuilder.Entity<SnapshotRow>(snapshot =>
        {
            snapshot.ToTable("snapshot");
            snapshot.HasKey(s => new { s.DocumentId, s.Generation, s.Chunk });
            snapshot.Property(s => s.DocumentId).HasColumnName("doc_id");
            snapshot.Property(s => s.Generation).HasColumnName("gen");
            snapshot.Property(s => s.Chunk).HasColumnName("chunk");
            snapshot.Property(s => s.Sequence).HasColumnName("seq");
            snapshot.Property(s => s.Crc).HasColumnName("crc");
            snapshot.Property(s => s.Codec).HasColumnName("codec");
            snapshot.Property(s => s.Data).HasColumnName("data");
        });
        modelBuilder.Entity<MetaRow>(meta =>
        {
            meta.ToTable("meta");
            meta.HasKey(m => m.Key);
            meta.Property(m => m.Key).HasColumnName("key");
            meta.Property(m => m.Value).HasColumnName("value");
        });
    }

    // SQLite can't order DateTimeOffset text, and the writer stores milliseconds anyway.
    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
