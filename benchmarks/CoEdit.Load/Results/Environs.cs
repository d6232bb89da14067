using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace CoEdit.Load;

/// <summary>When, of what and on which machine results were made.</summary>
internal static class Environs
{
    public static string Describe(Options options)
    {
        string processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        string date = DateTime.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string pinning = Processors.CanPin ? "The server on one core, the generator on another" : "Nothing pinned: there is one core";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Made by `CoEdit.Load`; README.md beside this file says what the columns mean. Ratios carry over to other machines, times don't.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"* {date}, commit {Commit()}\n");
        text.Append(CultureInfo.InvariantCulture, $"* {RuntimeInformation.FrameworkDescription}; node {Ask("node", "--version")}; y-websocket 2.1.0 with y-leveldb 0.1.2, Hocuspocus 4.7.0 with its SQLite extension\n");
        text.Append(CultureInfo.InvariantCulture, $"* {processor}, {Environment.ProcessorCount} cores; load average at the end {load}. {pinning}; loopback\n");
        text.Append(CultureInfo.InvariantCulture, $"* Rounds: {options.Rounds}, a fresh process and empty storage for every run; medians. Ratios: within a round, then the median\n");
        return text.ToString();
    }

    private static string Commit()
    {
        string head = Ask("git", "-C", Repository.Root, "rev-parse", "--short=12", "HEAD");
        string changed = Ask("git", "-C", Repository.Root, "status", "--porcelain", "--", ":/src", ":/benchmarks", ":(top,exclude)benchmarks/RESULTS.md");
        return changed.Length == 0 ? head : head + " with uncommitted changes";
    }

    private static string Ask(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true })!;
        string answer = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return answer;
    }
}
