using System.Text.Json;

namespace CoEdit.Bench;

/// <summary>A recorded session of one author: its transactions, and the text that they end with.</summary>
internal sealed record Recording(Patch[][] Transactions, string EndContent)
{
    /// <exception cref="UsageException">There is no such file.</exception>
    public static Recording Load(string id, Workspace workspace)
    {
        using var trace = JsonDocument.Parse(ReplayInput.Unzip(Path.Combine(workspace.Traces, Catalog.TraceOf(id) + ".json.gz")));
        Patch[][] transactions =
        [
            .. trace.RootElement.GetProperty("txns").EnumerateArray().Select(transaction => transaction.GetProperty("patches")
                .EnumerateArray().Select(patch => new Patch(patch[0].GetInt32(), patch[1].GetInt32(), patch[2].GetString()!)).ToArray()),
        ];
        return new Recording(transactions, trace.RootElement.GetProperty("endContent").GetString()!);
    }
}
