using System.Globalization;
using System.Text;

namespace CoEdit.Load;

/// <summary>Tables of the medians, and of CoEdit divided by the others in the same round.</summary>
internal static class Report
{
    // compare.mjs writes the rest of the page and keeps what is between these.
    private const string Begin = "<!-- the server: written by CoEdit.Load -->";
    private const string End = "<!-- end of the server -->";

    public static string Tables(Options options, IReadOnlyList<Measurement> measurements)
    {
        var text = new StringBuilder();
        foreach (Scenario scenario in options.Scenarios)
        {
            Measurement[] runs = [.. measurements.Where(run => run.Scenario == scenario.Name)];
            string[] servers = [.. options.Servers.Select(static kind => kind.Name).Where(name => runs.Any(run => run.Server == name))];
            if (servers.Length == 0)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"### {scenario.Name}\n\n{scenario.Describe(options.Sizes)}.\n\n");
            Row(text, ["", .. scenario.Columns.Select(static column => column.Title)]);
            Row(text, [":-", .. scenario.Columns.Select(static _ => "-:")]);
            foreach (string server in servers)
                Row(text, [server, .. scenario.Columns.Select(column => Column.Show(Median(runs, server, column.Key)))]);
            string coEdit = servers[0];
            Column[] compared = [.. scenario.Columns.Where(static column => column.IsCompared)];
            if (coEdit.StartsWith(ServerKind.CoEdit.Name, StringComparison.Ordinal) && compared.Length > 0)
            {
                foreach (string other in servers.Skip(1))
                {
                    Row(text, [$"{coEdit} ÷ {other}", .. scenario.Columns.Select(column =>
                        column.IsCompared ? Column.Show(Ratio(runs, coEdit, other, column.Key)) : "")]);
                }
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Replaces the server's section of RESULTS.md, or appends it.</summary>
    public static void Write(Options options, IReadOnlyList<Measurement> measurements)
    {
        string path = Path.Combine(Repository.Root, "benchmarks", "RESULTS.md");
        string page = File.ReadAllText(path);
        string section = $"{Begin}\n## The server\n\n{Environs.Describe(options)}\n{Tables(options, measurements)}{End}\n";
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        page = begin < 0 || end < begin
            ? page.TrimEnd() + "\n\n" + section
            : page[..begin] + section + page[(end + End.Length)..].TrimStart('\n');
        File.WriteAllText(path, page);
    }

    private static double Median(Measurement[] runs, string server, string key) =>
        Statistics.Median(runs.Where(run => run.Server == server).Select(run => run.Metrics.GetValueOrDefault(key, double.NaN)));

    private static double Ratio(Measurement[] runs, string first, string second, string key) =>
        Statistics.Median(
            from run in runs
            where run.Server == first
            join other in runs on run.Round equals other.Round
            where other.Server == second
            select run.Metrics.GetValueOrDefault(key, double.NaN) / other.Metrics.GetValueOrDefault(key, double.NaN));

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
