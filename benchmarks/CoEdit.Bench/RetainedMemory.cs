using System.Globalization;
using CoEdit.Crdt;

namespace CoEdit.Bench;

/// <summary>How many bytes one loaded document keeps alive, measured in a process that does nothing else.</summary>
internal static class RetainedMemory
{
    /// <summary>The argument by which the program calls itself.</summary>
    public const string Switch = "--memory-of";

    public static long MeasureInOwnProcess(byte[] state, Options options)
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
            string[] arguments = [.. self, Switch, file, .. options.EngineArguments];
            int exitCode = PeerScripts.Run(program, arguments, workingDirectory: "", out string bytes);
            return exitCode == 0
                ? long.Parse(bytes, CultureInfo.InvariantCulture)
                : throw new WrongResultException($"the process that measures memory ended with exit code {exitCode}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Prints the number. The first document pays for what the runtime keeps for the code itself; counted is what three more add, all of
    /// them alive to the end.
    /// </summary>
    public static void MeasureHere(string stateFile, Options options)
    {
        const int More = 3;
        byte[] state = ReplayInput.ReadFile(stateFile);
        object[] documents = new object[1 + More];
        documents[0] = Load(state, options);
        long before = LiveBytes();
        for (int i = 1; i < documents.Length; i++)
            documents[i] = Load(state, options);
        long after = LiveBytes();
        GC.KeepAlive(documents);
        GC.KeepAlive(state);
        Console.WriteLine((after - before) / More);
    }

    private static long LiveBytes()
    {
        Measure.CollectGarbage();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static object Load(byte[] state, Options options)
    {
        if (options.IsStore)
        {
            var store = new UpdateStore();
            store.Apply(state, UpdateSource.Trusted);
            return store;
        }

        // Read as well, as it is read in the other programs: what a document decodes lazily belongs to it.
        var replica = Replica.Load(state, options.Format);
        _ = replica.Text.ToString().Length + replica.Array.ToArray().Length + replica.Map.Count;
        return replica.Doc;
    }
}
