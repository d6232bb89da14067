using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>The result of one benchmark.</summary>
/// <param name="Bench">Its id.</param>
/// <param name="CheckedBy">Who confirmed the text of the result; null if nobody could.</param>
/// <param name="Metrics">Milliseconds, bytes and hashes by the names that <c>benchmarks/README.md</c> explains.</param>
internal sealed record Report(string Bench, string? CheckedBy, JsonObject Metrics)
{
    private const string Library = "coedit-store";

    /// <summary>Prints the ids.</summary>
    public static void List() => Console.WriteLine(new JsonObject
    {
        ["libs"] = new JsonArray(Library),
        ["benches"] = new JsonArray([.. Catalog.Ids.Select(id => JsonValue.Create(id))]),
    }.ToJsonString());

    /// <summary>Prints the result: one JSON line, or a table to read.</summary>
    public static void Write(Report report, bool json)
    {
        // The informational version may carry the commit behind a plus sign.
        var assembly = typeof(UpdateStore).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
        string version = assembly.InformationalVersion.Split('+')[0];
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["lib"] = Library,
                ["version"] = version,
                ["encoding"] = "v1",
                ["bench"] = report.Bench,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["checkedBy"] = report.CheckedBy,
                ["metrics"] = report.Metrics,
            }.ToJsonString());
            return;
        }

        string checkedBy = report.CheckedBy ?? "nobody";
        Console.WriteLine($"{Library} {version}, {report.Bench}, {RuntimeInformation.FrameworkDescription}, text checked by {checkedBy}");
        foreach ((string name, JsonNode? value) in report.Metrics)
            Console.WriteLine($"  {name,-22} {value}");
    }
}
