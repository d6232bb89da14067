using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CoEdit.Persistence;

/// <summary>The first schema. Released migrations never change; a later schema is a further migration.</summary>
[DbContext(typeof(CoEditDbContext))]
[Migration(MigrationId)]
internal sealed class Initial : Migration
{
    public const string MigrationId = "20261121000000_Initial";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "doc",
            table => new
            {
                id = table.Column<long>("INTEGER", nullable: false),
                name = table.Column<string>("TEXT", nullable: false, collation: "BINARY"),
                head = table.Column<long>("INTEGER", nullable: false),
                snap_seq = table.Column<long>("INTEGER", nullable: false),
                snap_gen = table.Column<long>("INTEGER", nullable: false),
                snap_bytes = table.Column<long>("INTEGER", nullable: false),
                epoch = table.Column<long>("INTEGER", nullable: false),
                flags = table.Column<int>("INTEGER", nullable: false),
                bytes = table.Column<long>("INTEGER", nullable: false),
                tombstone = table.Column<byte[]>("BLOB", nullable: true),
                created = table.Column<long>("INTEGER", nullable: false),
                updated = table.Column<long>("INTEGER", nullable: false),
                deleted_at = table.Column<long>("INTEGER", nullable: true),
            },
            constraints: table => table.PrimaryKey("PK_doc", row => row.id));
        migrationBuilder.CreateIndex("doc_name", "doc", "name", unique: true);
        migrationBuilder.CreateIndex("doc_surplus", "doc", "flags", filter: "flags <> 0");

        // Clustered by its key, which EF can't say: the rows of one document lie together although documents are written in turns,
        // so that loading or folding one touches few pages.
        migrationBuilder.Sql(
            """
            CREATE TABLE "log" (
                "doc_id" INTEGER NOT NULL,
                "seq" INTEGER NOT NULL,
                "crc" INTEGER NOT NULL,
                "ts" INTEGER NOT NULL,
                "data" BLOB NOT NULL,
                CONSTRAINT "PK_log" PRIMARY KEY ("doc_id", "seq")
            ) WITHOUT ROWID;
            """);

        migrationBuilder.CreateTable(
            "author",
            table => new
            {
                id = table.Column<long>("INTEGER", nullable: false),
                principal = table.Column<string>("TEXT", nullable: false, collation: "BINARY"),
            },
            constraints: table => table.PrimaryKey("PK_author", row => row.id));
        migrationBuilder.CreateIndex("author_principal", "author", "principal", unique: true);

        migrationBuilder.CreateTable(
            "snapshot",
            table => new
            {
                doc_id = table.Column<long>("INTEGER", nullable: false),
                gen = table.Column<long>("INTEGER", nullable: false),
                chunk = table.Column<long>("INTEGER", nullable: false),
                seq = table.Column<long>("INTEGER", nullable: false),
                crc = table.Column<long>("INTEGER", nullable: false),
                codec = table.Column<int>("INTEGER", nullable: false),
                data = table.Column<byte[]>("BLOB", nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_snapshot", row => new { row.doc_id, row.gen, row.chunk }));

        migrationBuilder.CreateTable(
            "meta",
            table => new
            {
                key = table.Column<string>("TEXT", nullable: false),
                value = table.Column<string>("TEXT", nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_meta", row => row.key));
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        foreach (var table in (string[])["meta", "snapshot", "author", "log", "doc"])
            migrationBuilder.DropTable(table);
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => BuildModel(modelBuilder);

    /// <summary>The model after this migration.</summary>
    internal static void BuildModel(ModelBuilder modelBuilder)
    {
        modelBuilder.HasAnnotation("ProductVersion", "10.0.14");
        modelBuilder.Entity("CoEdit.Persistence.DocumentRow", row =>
        {
            row.Property<long>("Id").ValueGeneratedNever().HasColumnType("INTEGER").HasColumnName("id");
            row.Property<string>("Name").IsRequired().HasColumnType("TEXT").HasColumnName("name").UseCollation("BINARY");
            row.Property<long>("Head").HasColumnType("INTEGER").HasColumnName("head");
            row.Property<long>("SnapshotSequence").HasColumnType("INTEGER").HasColumnName("snap_seq");
            row.Property<long>("SnapshotGeneration").HasColumnType("INTEGER").HasColumnName("snap_gen");
            row.Property<long>("SnapshotBytes").HasColumnType("INTEGER").HasColumnName("snap_bytes");
            row.Property<long>("Epoch").HasColumnType("INTEGER").HasColumnName("epoch");
            row.Property<int>("Flags").HasColumnType("INTEGER").HasColumnName("flags");
            row.Property<long>("Bytes").HasColumnType("INTEGER").HasColumnName("bytes");
            row.Property<byte[]>("Tombstone").HasColumnType("BLOB").HasColumnName("tombstone");
            row.Property<long>("Created").HasColumnType("INTEGER").HasColumnName("created");
            row.Property<long>("Updated").HasColumnType("INTEGER").HasColumnName("updated");
            row.Property<long?>("DeletedAt").HasColumnType("INTEGER").HasColumnName("deleted_at");
            row.HasKey("Id");
            row.HasIndex("Name").IsUnique().HasDatabaseName("doc_name");
            row.HasIndex("Flags").HasDatabaseName("doc_surplus").HasFilter("flags <> 0");
            row.ToTable("doc");
        });
        modelBuilder.Entity("CoEdit.Persistence.LogRow", row =>
        {
            row.Property<long>("DocumentId").HasColumnType("INTEGER").HasColumnName("doc_id");
            row.Property<long>("Sequence").HasColumnType("INTEGER").HasColumnName("seq");
            row.Property<long>("Crc").HasColumnType("INTEGER").HasColumnName("crc");
            row.Property<long>("Timestamp").HasColumnType("INTEGER").HasColumnName("ts");
            row.Property<byte[]>("Data").IsRequired().HasColumnType("BLOB").HasColumnName("data");
            row.HasKey("DocumentId", "Sequence");
            row.ToTable("log");
        });
        modelBuilder.Entity("CoEdit.Persistence.AuthorRow", row =>
        {
            row.Property<long>("Id").ValueGeneratedNever().HasColumnType("INTEGER").HasColumnName("id");
            row.Property<string>("Principal").IsRequired().HasColumnType("TEXT").HasColumnName("principal").UseCollation("BINARY");
            row.HasKey("Id");
            row.HasIndex("Principal").IsUnique().HasDatabaseName("author_principal");
            row.ToTable("author");
        });
        modelBuilder.Entity("CoEdit.Persistence.SnapshotRow", row =>
        {
            row.Property<long>("DocumentId").HasColumnType("INTEGER").HasColumnName("doc_id");
            row.Property<long>("Generation").HasColumnType("INTEGER").HasColumnName("gen");
            row.Property<long>("Chunk").HasColumnType("INTEGER").HasColumnName("chunk");
            row.Property<long>("Sequence").HasColumnType("INTEGER").HasColumnName("seq");
            row.Property<long>("Crc").HasColumnType("INTEGER").HasColumnName("crc");
            row.Property<int>("Codec").HasColumnType("INTEGER").HasColumnName("codec");
            row.Property<byte[]>("Data").IsRequired().HasColumnType("BLOB").HasColumnName("data");
            row.HasKey("DocumentId", "Generation", "Chunk");
            row.ToTable("snapshot");
        });
        modelBuilder.Entity("CoEdit.Persistence.MetaRow", row =>
        {
            row.Property<string>("Key").HasColumnType("TEXT").HasColumnName("key");
            row.Property<string>("Value").IsRequired().HasColumnType("TEXT").HasColumnName("value");
            row.HasKey("Key");
            row.ToTable("meta");
        });
    }
}
