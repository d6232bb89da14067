using System.Globalization;
using System.Text.Json;

namespace CoEdit.Load;

/// <summary>Runs every scenario on every server; the servers alternate in each round, so that the machine's moods hit all of them.</summary>
internal static class Runner
{
    /// <summary>Runs in which a server did something wrong.</summary>
    public static int Failures { get; private set; }

    public static IReadOnlyList<Measurement> Run(Options options)
    {
        var measurements = new List<Measurement>();
        foreach (Scenario scenario in options.Scenarios)
        {
            if (options.Target is not null && scenario.Restarts)
            {
                Console.Error.WriteLine($"{scenario.Name}: left out, for it has to restart the server");
                continue;
            }

            for (int round = 1; round <= options.Rounds; round++)
            {
                foreach (ServerKind kind in options.Servers.Where(scenario.CanRun))
                {
                    if (RunOne(scenario, kind, round, options) is { } measurement)
                        measurements.Add(measurement);
                }
            }
        }

        return measurements;
    }

    private static Measurement? RunOne(Scenario scenario, ServerKind kind, int round, Options options)
    {
        string what = $"{scenario.Name}, {kind.Name}, round {round}";
        try
        {
            using ServerProcess server = options.Target is { } target ? ServerProcess.Attach(kind, target) : ServerProcess.Start(kind);
            var measurement = new Measurement(scenario.Name, kind.Name, round, scenario.Run(server, options.Sizes));
            Console.Error.WriteLine($"{what}: {Line(measurement)}");
            if (options.Json)
                Console.WriteLine(Json(measurement));
            return measurement;
        }
        catch (Exception exception) when (exception is WrongResultException or FormatException or System.Net.Sockets.SocketException)
        {
            // The other runs still mean something; the exit code tells.
            Failures++;
            Console.Error.WriteLine($"WRONG RESULT: {what}: {exception.Message}");
            return null;
        }
    }

    private static string Line(Measurement measurement) =>
        string.Join(", ", measurement.Metrics.Select(static metric => $"{metric.Key} {Column.Show(metric.Value)}"));

    private static string Json(Measurement measurement) => JsonSerializer.Serialize(new
    {
        scenario = measurement.Scenario,
        server = measurement.Server,
        round = measurement.Round,
        time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        metrics = measurement.Metrics.Where(static metric => !double.IsNaN(metric.Value)).ToDictionary(),
    });
}
