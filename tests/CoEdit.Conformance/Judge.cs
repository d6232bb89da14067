using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoEdit.Conformance;

/// <summary>What real Yjs shows after it has loaded some updates.</summary>
internal sealed record Verdict(string View, byte[] StateVector, byte[] Snapshot, bool Pending);

/// <summary>One node process with real Yjs that answers questions, one JSON line each way.</summary>
internal sealed class Judge : IDisposable
{
    private readonly Process _node;
    private int _asked;

    private Judge(Process node) => _node = node;

    public static Judge Start()
    {
        string script = Path.Combine(FindCorpusTools(), "judge.mjs");
        ProcessStartInfo start = new("node") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(script);
        return new Judge(Process.Start(start) ?? throw new InvalidOperationException("node did not start."));
    }

    /// <summary>Loads the updates in order. With a state vector, only what lies below it is taken of the first.</summary>
    public Task<Verdict> AskAsync(bool gc, IEnumerable<byte[]> updates, byte[]? upTo = null) =>
        AskAsync(gc, updates, question =>
        {
            if (upTo is not null)
                question["upTo"] = Convert.ToBase64String(upTo);
        });

    /// <summary>Loads one update in parts: for each state vector what Yjs itself leaves of it.</summary>
    public Task<Verdict> AskInPartsAsync(bool gc, byte[] update, IEnumerable<byte[]> stateVectors) =>
        AskAsync(gc, [update], question => question["from"] = ToJson(stateVectors));

    private async Task<Verdict> AskAsync(bool gc, IEnumerable<byte[]> updates, Action<JsonObject> complete)
    {
        JsonObject question = new()
        {
            ["id"] = ++_asked,
            ["gc"] = gc,
            ["updates"] = ToJson(updates),
        };
        complete(question);
        await _node.StandardInput.WriteLineAsync(question.ToJsonString());
        await _node.StandardInput.FlushAsync();
        string line = await _node.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The node process has ended; is `npm install` done in tests/conformance?");
        using JsonDocument reply = JsonDocument.Parse(line);
        JsonElement root = reply.RootElement;
        if (root.GetProperty("id").GetInt32() != _asked)
            throw new InvalidOperationException("The node process answered another question.");
        if (root.TryGetProperty("error", out JsonElement error))
            return new Verdict($"Yjs failed: {error.GetString()}", [], [], false);
        return new Verdict(
            root.GetProperty("view").GetString()!,
            root.GetProperty("stateVector").GetBytesFromBase64(),
            root.GetProperty("snapshot").GetBytesFromBase64(),
            root.GetProperty("pending").GetBoolean());
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }

    private static JsonArray ToJson(IEnumerable<byte[]> items) => [.. items.Select(bytes => (JsonNode)Convert.ToBase64String(bytes))];

    // The program runs from its build output or from anywhere else inside the repository.
    private static string FindCorpusTools()
    {
        foreach (string begin in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            for (DirectoryInfo? folder = new(begin); folder is not null; folder = folder.Parent)
            {
                string tools = Path.Combine(folder.FullName, "tests", "conformance");
                if (File.Exists(Path.Combine(tools, "judge.mjs")))
                    return tools;
            }
        }

        throw new DirectoryNotFoundException("tests/conformance was not found above the program or the working directory.");
    }
}
