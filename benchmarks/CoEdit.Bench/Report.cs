using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>The result of one benchmark.</summary>
/// <param name="Options">What was run.</param>
/// <param name="CheckedBy">
/// Who confirmed the text in the update store, which cannot be read; null if nobody could. A document says itself what it holds.
/// </param>
/// <param name="Metrics">Milliseconds, bytes and hashes by the names that <c>benchmarks/README.md</c> explains.</param>
internal sealed record Report(Options Options, string? CheckedBy, JsonObject Metrics)
{
    private const string Document = "coedit";
    private const string DocumentV2 = "coedit-v2";
    private const string Store = "coedit-store";

    private string Library => Options.IsStore ? Store : Options.Format == WireFormat.V1 ? Document : DocumentV2;

    /// <summary>Prints the ids.</summary>
    public static void List() => Console.WriteLine(new JsonObject
    {
        ["libs"] = new JsonArray(Document, DocumentV2, Store),
        ["benches"] = new JsonArray([.. Catalog.AllIds.Select(id => JsonValue.Create(id))]),
    }.ToJsonString());

    /// <summary>Prints the result: one JSON line, or a table to read.</summary>
    public static void Write(Report report)
    {
        // The informational version may carry the commit behind a plus sign.
        var assembly = typeof(UpdateStore).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
        string version = assembly.InformationalVersion.Split('+')[0];
        if (report.Options.Json)
        {
            var line = new JsonObject
            {
                ["lib"] = report.Library,
                ["version"] = version,
                ["encoding"] = report.Options.Format == WireFormat.V1 ? "v1" : "v2",
                ["bench"] = report.Options.Bench,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
            };
            if (report.Options.IsStore)
                line["checkedBy"] = report.CheckedBy;
            line["metrics"] = report.Metrics;
            Console.WriteLine(line.ToJsonString());
            return;
        }

        Console.Write($"{report.Library} {version}, {report.Options.Bench}, {RuntimeInformation.FrameworkDescription}");
        Console.WriteLine(report.Options.IsStore ? $", text checked by {report.CheckedBy ?? "nobody"}" : "");
        foreach ((string name, JsonNode? value) in report.Metrics)
            Console.WriteLine($"  {name,-24} {value}");
    }
}
