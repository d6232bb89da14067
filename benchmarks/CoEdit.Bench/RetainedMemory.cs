using System.Globalization;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>How many bytes one loaded document keeps alive, measured in a process that does nothing else.</summary>
internal static class RetainedMemory
{
    /// <summary>The argument by which the program calls itself.</summary>
    public const string Switch = "--memory-of";

    public static long MeasureInOwnProcess(byte[] state)
    {
        string folder = Directory.CreateTempSubdirectory("coedit-bench-").FullName;
        try
        {
            string file = Path.Combine(folder, "state.bin");
            File.WriteAllBytes(file, state);

            // Started as `dotnet CoEdit.Bench.dll`, the process is dotnet and the program is its first argument.
            string program = Environment.ProcessPath!;
            bool isDotnet = Path.GetFileNameWithoutExtension(program) == "dotnet";
            string[] self = isDotnet ? [Path.Combine(AppContext.BaseDirectory, "CoEdit.Bench.dll")] : [];
            int exitCode = PeerScripts.Run(program, [.. self, Switch, file], workingDirectory: "", out string bytes);
            return exitCode == 0
                ? long.Parse(bytes, CultureInfo.InvariantCulture)
                : throw new WrongResultException($"the process that measures memory ended with exit code {exitCode}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static void MeasureHere(string stateFile)
    {
        byte[] state = ReplayInput.ReadFile(stateFile);
        Load(state); // what the runtime keeps for the code itself does not count: a document before this one pays for it
        Measure.CollectGarbage();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        UpdateStore store = Load(state);
        Measure.CollectGarbage();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(store);
        GC.KeepAlive(state);
        Console.WriteLine(after - before);
    }

    private static UpdateStore Load(byte[] state)
    {
        var store = new UpdateStore();
        store.Apply(state, UpdateSource.Trusted);
        return store;
    }
}
