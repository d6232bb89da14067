using System.Globalization;
using Xunit;

namespace CoEdit.Crdt.Tests;

/// <summary>
/// Rounds of a random test. The seeds are 1, 2, … so that a run repeats; <c>COEDIT_SEED</c> plays one seed, <c>COEDIT_FUZZ_ROUNDS</c> more of them.
/// </summary>
internal static class RandomRounds
{
    private const int Default = 4;

    public static void Run(Action<Random, List<string>> round)
    {
        int first = Variable("COEDIT_SEED") ?? 1;
        int count = Variable("COEDIT_SEED") is null ? Variable("COEDIT_FUZZ_ROUNDS") ?? Default : 1;
        for (int seed = first; seed < first + count; seed++)
        {
            List<string> operations = [];
            try
            {
                round(new Random(seed), operations);
            }
            catch (Exception exception)
            {
                string last = string.Join("\n  ", operations.TakeLast(25));
                throw new InvalidOperationException($"COEDIT_SEED={seed}, {operations.Count} operations, the last:\n  {last}\n{exception.Message}", exception);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"COEDIT_SEED={first} and the {count - 1} behind it");
    }

    private static int? Variable(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : null;
}
