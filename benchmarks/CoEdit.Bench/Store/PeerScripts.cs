using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace CoEdit.Bench;

/// <summary>What only Yjs can do: type a recording, and say what text a state holds.</summary>
/// <remarks>Runs in Node, never while something is measured.</remarks>
internal static class PeerScripts
{
    /// <summary>One document as Yjs sees it.</summary>
    /// <param name="TextSha256">Of the root <c>text</c>, in UTF-8.</param>
    /// <param name="TextLength">In UTF-16 units.</param>
    /// <param name="SnapshotSha256">Of the encoded snapshot: state vector and deletions.</param>
    /// <param name="Pending">True if something in the state lacks what it depends on.</param>
    public sealed record Description(string TextSha256, int TextLength, string SnapshotSha256, bool Pending);

    private sealed record DescribeAnswer(string By, Description[] Documents);

    /// <summary>The file with the updates of a sequential trace; Yjs makes it when it is missing.</summary>
    public static string MakeUpdates(Workspace workspace, string trace)
    {
        string traceFile = Path.Combine(workspace.Traces, trace + ".json.gz");
        if (!File.Exists(traceFile))
            throw new UsageException($"There is no file {traceFile}.");
        int exitCode = RunScript(workspace, "make-updates.mjs", [traceFile, workspace.Cache], out string file);
        return exitCode == 0 ? file.TrimEnd() : throw new UsageException($"Yjs could not type {trace} (exit code {exitCode}).");
    }

    /// <summary>What the given encoded documents hold, and which program says so.</summary>
    /// <exception cref="UsageException">Node or Yjs is not there.</exception>
    /// <exception cref="WrongResultException">Yjs cannot load one of them.</exception>
    public static (string By, Description[] Documents) Describe(Workspace workspace, params byte[][] states)
    {
        string folder = Directory.CreateTempSubdirectory("coedit-bench-").FullName;
        try
        {
            string[] files = new string[states.Length];
            for (int i = 0; i < states.Length; i++)
                File.WriteAllBytes(files[i] = Path.Combine(folder, $"state{i}.bin"), states[i]);
            int exitCode = RunScript(workspace, "describe.mjs", files, out string json);
            if (exitCode != 0)
                throw new WrongResultException("Yjs cannot load the state of the store");
            DescribeAnswer answer = JsonSerializer.Deserialize<DescribeAnswer>(json, JsonSerializerOptions.Web)!;
            return (answer.By, answer.Documents);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs a program to its end and returns its exit code; what it says to standard error goes to ours.</summary>
    /// <exception cref="UsageException">It is not installed.</exception>
    public static int Run(string program, IEnumerable<string> arguments, string workingDirectory, out string output)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = workingDirectory };
        try
        {
            using Process process = Process.Start(start)!;
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw new UsageException($"Cannot start {program}: {e.Message}. Node.js 20 or newer with npm must be installed.");
        }
    }

    private static int RunScript(Workspace workspace, string script, IEnumerable<string> arguments, out string output)
    {
        InstallYjs(workspace);
        return Run("node", [Path.Combine(workspace.Peers, script), .. arguments], workingDirectory: "", out output);
    }

    private static void InstallYjs(Workspace workspace)
    {
        Directory.CreateDirectory(workspace.Cache);
        if (Installed())
            return;

        // Two benchmarks started together must not install into one folder at the same time.
        using FileStream installing = WaitForLock(Path.Combine(workspace.Cache, "npm.lock"));
        if (Installed())
            return;
        Console.Error.WriteLine("Installing Yjs in benchmarks/peers.");
        if (Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci"], workspace.Peers, out _) != 0)
            throw new UsageException("npm ci failed in benchmarks/peers.");

        bool Installed() => File.Exists(Path.Combine(workspace.Peers, "node_modules", ".package-lock.json"));
    }

    private static FileStream WaitForLock(string path)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < TimeSpan.FromMinutes(5))
            {
                Thread.Sleep(200);
            }
        }
    }
}
