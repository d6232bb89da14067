using System.Globalization;
using System.Text;

namespace CoEdit.Bench;

/// <summary>The input of a benchmark as bytes; <c>inputSha256</c> is the hash of exactly these.</summary>
/// <remarks><c>peers/run.mjs --dump-input</c> prints the same.</remarks>
internal static class InputDump
{
    public static byte[] Of(string id, WireFormat format, Workspace workspace)
    {
        if (Catalog.IsConcurrent(id))
            return ReplayInput.ReadRecorded(id, format, workspace);
        var json = new StringBuilder();
        if (Workload.Ids.Contains(id))
            Append(json, Workload.Make(id));
        else if (id == SixClients.Id)
            Append(json, SixClients.Make());
        else
            Append(json, Recording.Load(id, workspace));
        return Encoding.UTF8.GetBytes(json.ToString());
    }

    private static void Append(StringBuilder json, Workload workload)
    {
        json.Append(CultureInfo.InvariantCulture, $"{{\"kind\":\"{workload.Kind}\",");
        if (workload.Kind == "B2")
        {
            json.Append("\"init\":");
            JavaScriptJson.Append(json, workload.Initial);
            json.Append(",\"ops1\":");
            Append(json, workload.Operations);
            json.Append(",\"ops2\":");
            Append(json, workload.OthersOperations);
        }
        else
        {
            json.Append("\"ops\":");
            Append(json, workload.Operations);
        }

        json.Append('}');
    }

    private static void Append(StringBuilder json, Operation[] operations)
    {
        char before = '[';
        foreach (Operation operation in operations)
        {
            json.Append(before);
            JavaScriptJson.Append(json, operation);
            before = ',';
        }

        json.Append(']');
    }

    private static void Append(StringBuilder json, RandomStep[] steps)
    {
        json.Append("{\"kind\":\"R\",\"steps\":");
        char before = '[';
        foreach (RandomStep step in steps)
        {
            json.Append(CultureInfo.InvariantCulture, $"{before}[{step.Client},{(step.CatchesUp ? 1 : 0)},{step.Place},");
            if (step.Text.Length > 0)
                JavaScriptJson.Append(json, step.Text);
            else
                json.Append(CultureInfo.InvariantCulture, $"{step.Deleted}");
            json.Append(']');
            before = ',';
        }

        json.Append("]}");
    }

    private static void Append(StringBuilder json, Recording recording)
    {
        json.Append("{\"kind\":\"T\",\"txns\":");
        char before = '[';
        foreach (Patch[] patches in recording.Transactions)
        {
            json.Append(before).Append('[');
            for (int i = 0; i < patches.Length; i++)
            {
                json.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{patches[i].Position},{patches[i].Deleted},");
                JavaScriptJson.Append(json, patches[i].Inserted);
            }

            json.Append(']');
            before = ',';
        }

        json.Append("]}");
    }
}
