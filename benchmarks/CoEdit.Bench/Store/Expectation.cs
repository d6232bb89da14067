using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>What a recording says the document must be after the replay, known without running any CRDT.</summary>
internal sealed class Expectation
{
    private readonly StateVector? _stateVector;
    private readonly long _insertedUnits;

    private Expectation(string textSha256, int textLength, StateVector? stateVector, long insertedUnits)
    {
        TextSha256 = textSha256;
        TextLength = textLength;
        _stateVector = stateVector;
        _insertedUnits = insertedUnits;
    }

    /// <summary>SHA-256 of the text in UTF-8.</summary>
    public string TextSha256 { get; }

    /// <summary>Length of the text in UTF-16 units.</summary>
    public int TextLength { get; }

    /// <summary>What several replicas agree on.</summary>
    public static Expectation Of(string text, StateVector stateVector) => new(Hash(text), text.Length, stateVector, insertedUnits: 0);

    public static Expectation Load(string id, Workspace workspace)
    {
        string trace = Catalog.TraceOf(id);
        return Catalog.IsConcurrent(id)
            ? FromMeta(Path.Combine(workspace.Traces, "merge", trace + ".meta.json"))
            : FromTrace(Path.Combine(workspace.Traces, trace + ".json.gz"));
    }

    /// <summary>Every unit that somebody inserted has its clock, and nothing else has.</summary>
    public void CheckStateVector(StateVector found)
    {
        bool right = _stateVector is null
            ? found.Count == 1 && found.Single().Value == _insertedUnits
            : found.Count == _stateVector.Count && _stateVector.All(entry => found[entry.Key] == entry.Value);
        if (!right)
            throw new WrongResultException("the state vector is " + string.Join(", ", found.Select(entry => $"{entry.Key}:{entry.Value}")));
    }

    private static Expectation FromMeta(string path)
    {
        using var meta = JsonDocument.Parse(ReplayInput.ReadFile(path));
        JsonElement root = meta.RootElement;
        byte[] vector = Convert.FromHexString(root.GetProperty("stateVector").GetString()!);
        return new Expectation(
            root.GetProperty("textSha256").GetString()!,
            root.GetProperty("textLength").GetInt32(),
            StateVector.Decode(vector),
            insertedUnits: 0);
    }

    private static Expectation FromTrace(string path)
    {
        using var trace = JsonDocument.Parse(ReplayInput.Unzip(path));
        string text = trace.RootElement.GetProperty("endContent").GetString()!;
        long inserted = 0;
        foreach (JsonElement transaction in trace.RootElement.GetProperty("txns").EnumerateArray())
        {
            foreach (JsonElement patch in transaction.GetProperty("patches").EnumerateArray())
                inserted += patch[2].GetString()!.Length;
        }

        return new Expectation(Hash(text), text.Length, stateVector: null, inserted);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
