using System.Globalization;

namespace CoEdit.Server;

/// <summary>How many files, and so sockets, the operating system lets this process have open.</summary>
internal static class OpenFileLimit
{
    private const string LimitsFile = "/proc/self/limits";
    private const string Row = "Max open files";

    /// <summary>The limit in force; null when there is none, or the system does not tell (only Linux does, in a file).</summary>
    public static long? Read() => OperatingSystem.IsLinux() && File.Exists(LimitsFile) ? Parse(File.ReadLines(LimitsFile)) : null;

    // Max open files            1024                 524288               files
    internal static long? Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (!line.StartsWith(Row, StringComparison.Ordinal))
                continue;
            ReadOnlySpan<char> soft = line.AsSpan(Row.Length).TrimStart();
            int end = soft.IndexOf(' ');
            return long.TryParse(end < 0 ? soft : soft[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }

        return null;
    }
}
