using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace CoEdit.Persistence;

/// <summary>Loads the native SQLite and its binding, whichever 2.x version was deployed (docs/decisions/0003).</summary>
internal static class SqliteLibrary
{
    private static readonly Lazy<string> LoadedVersion = new(Load);

    /// <summary>The version of the native library; loads it on the first use, which must precede the first connection.</summary>
    public static string Version => LoadedVersion.Value;

    // Microsoft.Data.Sqlite 10 names SQLitePCLRaw 2.1 by assembly version. A feed that has only 2.0 restores that, the default binder
    // refuses the lower version, and the runtime asks here; the deployed assembly has everything that is called. With 2.1 or newer
    // deployed the binder succeeds and nobody asks. It must be in place before a method that touches SQLite is compiled, hence a
    // module initializer, which CA2255 otherwise reserves for applications.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void AcceptDeployedBinding() => AssemblyLoadContext.Default.Resolving += static (context, requested) =>
    {
        if (requested.Name is not { } name || !name.StartsWith("SQLitePCLRaw", StringComparison.Ordinal))
            return null;
        var path = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : (Assembly?)null;
    };
#pragma warning restore CA2255

    private static string Load()
    {
        SQLitePCL.Batteries_V2.Init();
        return SQLitePCL.raw.sqlite3_libversion().utf8_to_string();
    }
}
