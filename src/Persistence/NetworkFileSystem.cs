namespace CoEdit.Persistence;

/// <summary>Tells whether a path lies on a network file system, where processes can't share memory-mapped files reliably.</summary>
internal static class NetworkFileSystem
{
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "nfs", "nfs4", "cifs", "smbfs", "smb2", "smb3", "ncpfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2",
        "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.davfs",
    };

    /// <summary>The network file system's type, or null if the file is local or nobody can tell. The path has no symbolic links.</summary>
    public static string? TypeOf(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            const string MountTable = "/proc/self/mountinfo";
            return File.Exists(MountTable) ? TypeOf(path, File.ReadLines(MountTable)) : null;
        }

        if (path.StartsWith(@"\\", StringComparison.Ordinal))
            return "network share";
        return Path.GetPathRoot(path) is { Length: > 0 } root && new DriveInfo(root).DriveType == DriveType.Network ? "network drive" : null;
    }

    /// <summary>Looks a path up in the lines of a Linux mount table (proc_pid_mountinfo(5)).</summary>
    internal static string? TypeOf(string path, IEnumerable<string> mounts)
    {
        // 30 22 0:30 / /data rw,relatime shared:2 - nfs4 server:/export rw
        string? type = null;
        var longest = -1;
        foreach (var line in mounts)
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-", 5 <= fields.Length ? 5 : 0);
            if (separator < 0 || separator + 1 >= fields.Length)
                continue;
            var point = Unescape(fields[4]).TrimEnd('/');
            var covers = path.StartsWith(point, StringComparison.Ordinal) && (path.Length == point.Length || path[point.Length] == '/');

            // Of two mounts at one point the later one hides the earlier.
            if (covers && point.Length >= longest)
            {
                longest = point.Length;
                type = fields[separator + 1];
            }
        }

        return type is not null && Types.Contains(type) ? type : null;
    }

    // The table writes blank, tab, newline and backslash as three octal digits.
    private static string Unescape(string field) =>
        field.Replace(@"\040", " ").Replace(@"\011", "\t").Replace(@"\012", "\n").Replace(@"\134", @"\");
}
