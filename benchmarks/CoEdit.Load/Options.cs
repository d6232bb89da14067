using System.Globalization;
using System.Net;

namespace CoEdit.Load;

/// <summary>The command line.</summary>
internal sealed record Options
{
    private const string Usage =
        """
        usage: CoEdit.Load [--scenario NAME,…] [--servers NAME,…] [--protocol y-websocket|hocuspocus] [--rounds N] [--seconds S]
                           [--window N] [--smoke] [--json] [--write-results] [--target URL]

          --scenario NAME,…   saturation, many-rooms, fan-out, awareness, idle, cold-open, durability (default: all)
          --servers NAME,…    coedit, y-websocket, hocuspocus, kestrel, kestrel-single (default: all that are installed)
          --protocol NAME     what CoEdit is spoken to in (default: y-websocket)
          --rounds N          repetitions; the servers alternate in each (default: 3)
          --seconds S         length of the measured part of a scenario (default: 8)
          --window N          letters that each peer of the saturation has on their way (default: 32)
          --smoke             everything small, once: are the results right? Figures don't matter
          --json              one line per run instead of tables
          --write-results     replaces the server's section of benchmarks/RESULTS.md
          --target URL        a server that runs already, on loopback: ws://127.0.0.1:5000. Needs --servers with one name
        """;

    private const int MaxRounds = 100;
    private const double MaxSeconds = 120;
    private const int MaxWindow = 512;

    public IReadOnlyList<Scenario> Scenarios { get; private init; } = Catalog.Scenarios;

    public IReadOnlyList<ServerKind> Servers { get; private init; } = [];

    public Sizes Sizes { get; private init; } = Sizes.Full;

    public int Rounds { get; private init; } = 3;

    public bool Smoke { get; private init; }

    public bool Json { get; private init; }

    public bool WriteResults { get; private init; }

    public IPEndPoint? Target { get; private init; }

    /// <exception cref="UsageException">An argument is unknown, missing or out of bounds.</exception>
    public static Options Parse(string[] args)
    {
        var options = new Options();
        string? servers = null;
        string? protocol = null;
        double? seconds = null;
        int? window = null;
        int? rounds = null;
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            switch (name)
            {
                case "--scenario":
                    options = options with { Scenarios = [.. Value().Split(',').Select(Catalog.Scenario)] };
                    break;
                case "--servers":
                    servers = Value();
                    break;
                case "--protocol":
                    protocol = Value();
                    break;
                case "--rounds":
                    rounds = (int)Number(MaxRounds);
                    break;
                case "--seconds":
                    seconds = Number(MaxSeconds);
                    break;
                case "--window":
                    window = (int)Number(MaxWindow);
                    break;
                case "--smoke":
                    options = options with { Smoke = true };
                    break;
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--write-results":
                    options = options with { WriteResults = true };
                    break;
                case "--target":
                    options = options with { Target = Loopback(Value()) };
                    break;
                default:
                    throw new UsageException($"Unknown argument {name}.\n\n{Usage}");
            }

            string Value() => i + 1 < args.Length ? args[++i] : throw new UsageException($"{name} needs a value.\n\n{Usage}");

            double Number(double max) =>
                double.TryParse(Value(), CultureInfo.InvariantCulture, out double value) && value > 0 && value <= max
                    ? value
                    : throw new UsageException($"{name} needs a number above 0, {max} at most.");
        }

        Sizes sizes = options.Smoke ? Sizes.Smoke : Sizes.Full;
        if (seconds is { } measured)
            sizes = sizes with { Measured = TimeSpan.FromSeconds(measured) };
        if (window is { } letters)
            sizes = sizes with { Window = letters };
        options = options with
        {
            Sizes = sizes,
            Rounds = rounds ?? (options.Smoke ? 1 : options.Rounds),
            Servers = Catalog.Servers(servers, protocol),
        };
        if (options.Target is not null && options.Servers.Count != 1)
            throw new UsageException("--target needs --servers with the one name of what runs there.");
        if (options.WriteResults && (options.Smoke || options.Target is not null))
            throw new UsageException("--write-results records real runs of servers that this program has started.");
        return options;
    }

    // This program can produce a flood; it is not made to be pointed at other people's machines.
    private static IPEndPoint Loopback(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? target) || target.Scheme is not ("ws" or "http") || target.Port < 1)
            throw new UsageException($"{url} is not an address like ws://127.0.0.1:5000.");
        IPAddress? address = target.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(target.DnsSafeHost, out IPAddress? parsed) ? parsed : null;
        return address is not null && IPAddress.IsLoopback(address)
            ? new IPEndPoint(address, target.Port)
            : throw new UsageException($"{url} is not on this machine; loads go to loopback only.");
    }
}
