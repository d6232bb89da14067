namespace CoEdit.Persistence;

/// <summary>One document's updates of one commit, in table <c>log</c>; the format is <see cref="LogRowFormat"/>.</summary>
internal sealed class LogRow
{
    public long DocumentId { get; set; }

    /// <summary>Counts a document's rows from 1 without gaps.</summary>
    public long Sequence { get; set; }

    public long Crc { get; set; }

    /// <summary>When the first update of the row was queued, in milliseconds since 1970.</summary>
    public long Timestamp { get; set; }

    public byte[] Data { get; set; } = [];
}

/// <summary>Somebody who wrote updates, in table <c>author</c>; log rows refer to the id.</summary>
internal sealed class AuthorRow
{
    public long Id { get; set; }

    public string Principal { get; set; } = "";
}

/// <summary>A piece of a document's folded state, in table <c>snapshot</c>.</summary>
internal sealed class SnapshotRow
{
    /// <summary>The only codec so far: the bytes as they are.</summary>
    public const int RawCodec = 0;

    public long DocumentId { get; set; }

    public long Generation { get; set; }

    /// <summary>Counts the pieces from 0 without gaps.</summary>
    public long Chunk { get; set; }

    /// <summary>The last log row that the state covers.</summary>
    public long Sequence { get; set; }

    public long Crc { get; set; }

    public int Codec { get; set; }

    public byte[] Data { get; set; } = [];
}

/// <summary>A fact about the whole database, in table <c>meta</c>.</summary>
internal sealed class MetaRow
{
    /// <summary>Key of the random id that tells one database from another.</summary>
    public const string InstanceId = "instance_id";

    public string Key { get; set; } = "";

    public string Value { get; set; } = "";
}
