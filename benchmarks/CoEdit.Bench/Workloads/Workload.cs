using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>The synthetic workloads B1 to B3 of crdt-benchmarks, with N = 6000, as in <c>peers/lib/workloads.mjs</c>.</summary>
/// <param name="Kind"><c>B1</c>: one author. <c>B2</c>: two authors apart. <c>B3</c>: one operation each of many clients.</param>
/// <param name="Initial">B2: the text that both authors begin with.</param>
/// <param name="Operations">What the author does, the first of two authors, or one client after the other.</param>
/// <param name="OthersOperations">B2: what the second author does.</param>
internal sealed record Workload(string Kind, string Initial, Operation[] Operations, Operation[] OthersOperations)
{
    private const int N = 6000;

    /// <summary>Clients of B3: 20 √N, with the root rounded down.</summary>
    private const int Clients = 20 * 77;

    private static readonly Dictionary<string, Func<Prng, List<Operation>>> Authors = new()
    {
        ["B1.1"] = g => [.. g.Word(N, N).Select((letter, i) => Operation.Insert(i, letter.ToString()))],
        ["B1.2"] = g => [Operation.Insert(0, g.Word(N, N))],
        ["B1.3"] = g => [.. g.Word(N, N).Select(letter => Operation.Insert(0, letter.ToString()))],
        ["B1.4"] = g => Insertions(g, 0, 1, 1),
        ["B1.5"] = g => Insertions(g, 0, 2, 10),
        ["B1.6"] = g => [Operation.Insert(0, g.Word(N, N)), Operation.Delete(0, N)],
        ["B1.7"] = InsertionsAndDeletions,
        ["B1.8"] = g => [.. Numbers(g).Select((number, i) => Operation.InsertValues(i, number))],
        ["B1.9"] = g => [Operation.InsertValues(0, Numbers(g))],
        ["B1.10"] = g => [.. Numbers(g).Select(number => Operation.InsertValues(0, number))],
        ["B1.11"] = g => [.. Numbers(g).Select((number, i) => Operation.InsertValues(g.Int(0, i), number))],
        ["B2.1"] = g => [Operation.Insert(0, g.Word(N, N))],
        ["B2.2"] = g => Insertions(g, 100, 1, 1),
        ["B2.3"] = g => Insertions(g, 100, 3, 9),
        ["B2.4"] = InsertionsEachWithAnother,
    };

    private static readonly Dictionary<string, Func<int, Operation>> Crowds = new()
    {
        ["B3.1"] = i => Operation.Set("v", i),
        ["B3.2"] = i => Operation.Set("v", new YObject { ["name"] = $"{i}", ["address"] = "here" }),
        ["B3.3"] = i => Operation.Set("v", string.Concat(Enumerable.Repeat($"{i}", Clients))),
        ["B3.4"] = i => Operation.InsertValues(0, $"{i}"),
        ["B3.5"] = i => Operation.Insert(0, $"{i}"),
    };

    public static IReadOnlyList<string> Ids { get; } = [.. Authors.Keys, .. Crowds.Keys];

    public static Workload Make(string id)
    {
        string kind = id[..2];
        if (Crowds.TryGetValue(id, out Func<int, Operation>? make))
            return new Workload(kind, "", [.. Enumerable.Range(0, Clients).Select(make)], []);

        // The order of the draws is part of the input: the text of B2 first, then one author after the other.
        var g = new Prng(id);
        string initial = kind == "B2" ? g.Word(100, 100) : "";
        Operation[] first = [.. Authors[id](g)];
        return new Workload(kind, initial, first, kind == "B2" ? [.. Authors[id](g)] : []);
    }

    private static YValue[] Numbers(Prng g)
    {
        var numbers = new YValue[N];
        for (int i = 0; i < N; i++)
            numbers[i] = g.Int(0, int.MaxValue - 1);
        return numbers;
    }

    private static List<Operation> Insertions(Prng g, int length, int shortest, int longest)
    {
        var operations = new List<Operation>();
        for (int i = 0; i < N; i++)
        {
            int position = g.Int(0, length);
            string word = g.Word(shortest, longest);
            operations.Add(Operation.Insert(position, word));
            length += word.Length;
        }

        return operations;
    }

    private static List<Operation> InsertionsAndDeletions(Prng g)
    {
        var operations = new List<Operation>();
        int length = 0;
        for (int i = 0; i < N; i++)
            length += InsertOrDelete(g, operations, g.Int(0, length), length);
        return operations;
    }

    private static List<Operation> InsertionsEachWithAnother(Prng g)
    {
        var operations = new List<Operation>();
        int length = 100;
        for (int i = 0; i < N; i++)
        {
            int position = g.Int(0, length);
            string word = g.Word(3, 9);
            operations.Add(Operation.Insert(position, word));
            length += word.Length;
            length += InsertOrDelete(g, operations, position, length);
        }

        return operations;
    }

    /// <returns>By how much the text grows.</returns>
    private static int InsertOrDelete(Prng g, List<Operation> operations, int position, int length)
    {
        if (position == length || g.Bool())
        {
            string word = g.Word(2, 10);
            operations.Add(Operation.Insert(position, word));
            return word.Length;
        }

        int deleted = g.Int(1, Math.Min(9, length - position));
        operations.Add(Operation.Delete(position, deleted));
        return -deleted;
    }
}
