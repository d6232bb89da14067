namespace CoEdit.Load;

/// <summary>Where things are in the working copy this program was built from.</summary>
internal static class Repository
{
    private static readonly Lazy<string> LazyRoot = new(Find);

    public static string Root => LazyRoot.Value;

    /// <summary>The program that runs now.</summary>
    public static string Self => Path.Combine(AppContext.BaseDirectory, "CoEdit.Load.dll");

    /// <summary>The npm packages of the servers to compare with.</summary>
    public static string Servers => Path.Combine(Root, "benchmarks", "servers");

    /// <summary>The built server, of the same configuration as this program.</summary>
    public static string CoEditServer
    {
        get
        {
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            string server = Path.Combine(Root, "src", "Server", "bin", configuration, "net10.0", "CoEdit.Server.dll");
            return File.Exists(server) ? server : throw new UsageException($"{server} is missing: dotnet build -c {configuration} src/Server");
        }
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CoEdit.sln")))
                return folder.FullName;
        }

        throw new UsageException("CoEdit.Load runs from a working copy of CoEdit; CoEdit.sln is in no folder above it.");
    }
}
