using System.IO.Compression;
using System.Security.Cryptography;

namespace CoEdit.Bench;

/// <summary>The updates of one benchmark, in the order in which they are applied.</summary>
/// <remarks>
/// Each update is an array of its own, as it would be behind a socket. In the file:
/// <code>
/// updates := { length:varuint update:length bytes }
/// </code>
/// </remarks>
internal sealed class ReplayInput
{
    private ReplayInput(byte[] framed)
    {
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(framed));
        Updates = Split(framed);
        TotalBytes = Updates.Sum(update => (long)update.Length);
    }

    public byte[][] Updates { get; }

    public long TotalBytes { get; }

    /// <summary>Of the uncompressed file. Yjs reports the same hash when it has applied the same updates.</summary>
    public string Sha256 { get; }

    /// <exception cref="UsageException">A file is missing or is no list of updates.</exception>
    public static ReplayInput Load(Options options, Workspace workspace)
    {
        if (options.UpdateFile is { } given)
            return new ReplayInput(ReadFile(given));
        string trace = Catalog.TraceOf(options.Bench);
        if (!Catalog.IsConcurrent(options.Bench))
            return new ReplayInput(ReadFile(PeerScripts.MakeUpdates(workspace, trace)));
        return new ReplayInput(ReadRecorded(options.Bench, WireFormat.V1, workspace));
    }

    /// <summary>The updates that concurrent authors made.</summary>
    public static ReplayInput LoadRecorded(string id, WireFormat format, Workspace workspace) => new(ReadRecorded(id, format, workspace));

    /// <summary>The uncompressed file of updates that concurrent authors made.</summary>
    public static byte[] ReadRecorded(string id, WireFormat format, Workspace workspace)
    {
        string version = format == WireFormat.V1 ? "v1" : "v2";
        return Unzip(Path.Combine(workspace.Traces, "merge", $"{Catalog.TraceOf(id)}.updates.{version}.bin.gz"));
    }

    /// <summary>The content of a gzip file.</summary>
    public static byte[] Unzip(string path)
    {
        using var zipped = new GZipStream(new MemoryStream(ReadFile(path)), CompressionMode.Decompress);
        using var content = new MemoryStream();
        zipped.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The content of a file that the user may have named wrongly.</summary>
    public static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Cannot read {path}: {e.Message}");
        }
    }

    private static byte[][] Split(byte[] framed)
    {
        var updates = new List<byte[]>();
        for (int at = 0; at < framed.Length;)
        {
            ulong length = 0;
            for (int shift = 0; ; shift += 7)
            {
                if (at == framed.Length || shift > 28)
                    throw new UsageException("The file of updates is damaged: a length is cut off or too large.");
                byte next = framed[at++];
                length |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    break;
            }

            if (length > (ulong)(framed.Length - at))
                throw new UsageException("The file of updates ends in the middle of an update.");
            updates.Add(framed.AsSpan(at, (int)length).ToArray());
            at += (int)length;
        }

        return [.. updates];
    }
}
