namespace CoEdit.Bench;

/// <summary>The folders the program works with. It may be started from anywhere inside or outside the repository.</summary>
internal sealed class Workspace
{
    private readonly string? _benchmarks;

    private Workspace(string? benchmarks) => _benchmarks = benchmarks;

    /// <summary>The recordings: <c>COEDIT_TRACES</c>, or <c>benchmarks/traces</c>.</summary>
    public string Traces => Environment.GetEnvironmentVariable("COEDIT_TRACES") is { Length: > 0 } folder
        ? Path.GetFullPath(folder)
        : Path.Combine(Benchmarks, "traces");

    /// <summary>Where updates made by Yjs are kept; not under version control.</summary>
    public string Cache => Path.Combine(Benchmarks, ".cache");

    /// <summary>The programs that run in Node.</summary>
    public string Peers => Path.Combine(Benchmarks, "peers");

    private string Benchmarks => _benchmarks ?? throw new UsageException(
        "The repository was not found above the program or the working directory: start inside it, "
        + "or set COEDIT_TRACES and, for the update store, pass --updates FILE.");

    /// <summary>Looks upwards from the program and from the working directory for <c>benchmarks/peers</c>.</summary>
    public static Workspace Find()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string candidate = Path.Combine(folder.FullName, "benchmarks");
                if (File.Exists(Path.Combine(candidate, "peers", "package.json")))
                    return new Workspace(candidate);
            }
        }

        return new Workspace(null);
    }
}
