namespace CoEdit.Bench;

/// <summary>Six authors edit one text at random places, and hear of each other now and then.</summary>
/// <remarks>The same steps as in <c>peers/lib/workloads.mjs</c>.</remarks>
internal static class SixClients
{
    public const string Id = "R-six-clients";

    public const int Clients = 6;

    private const int Steps = 20_000;

    public static RandomStep[] Make()
    {
        var g = new Prng(Id);
        var steps = new RandomStep[Steps];
        for (int i = 0; i < Steps; i++)
        {
            int client = g.Int(0, Clients - 1);
            bool catchesUp = g.Int(0, 3) == 0;
            uint place = g.Next();
            bool inserts = g.Int(0, 2) > 0;
            steps[i] = new RandomStep(client, catchesUp, place, inserts ? g.Word(1, 5) : "", inserts ? 0 : g.Int(1, 9));
        }

        return steps;
    }
}
