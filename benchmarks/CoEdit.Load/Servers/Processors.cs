using System.Diagnostics;
using System.Globalization;

namespace CoEdit.Load;

/// <summary>Servers run on one core, the generator on another, so that neither takes time from what is measured.</summary>
internal static class Processors
{
    private const string ServerCore = "0";
    private const string GeneratorCore = "1";

    /// <summary>False on a machine with one core: then nothing is pinned, and the figures mean little.</summary>
    public static bool CanPin { get; } = Environment.ProcessorCount > 1;

    /// <summary>Moves every thread of this process to the generator's core.</summary>
    public static void PinGenerator()
    {
        if (!CanPin)
            return;
        var start = new ProcessStartInfo("taskset", ["-a", "-p", "-c", GeneratorCore, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        using Process taskset = Process.Start(start)!;
        taskset.StandardOutput.ReadToEnd();
        taskset.WaitForExit();
        if (taskset.ExitCode != 0)
            throw new UsageException("taskset cannot pin this process.");
    }

    /// <summary>The same command on the server's core. taskset replaces itself by the command, so the process id is the server's.</summary>
    public static ProcessStartInfo OnServerCore(ProcessStartInfo command)
    {
        if (!CanPin)
            return command;
        var pinned = new ProcessStartInfo("taskset", ["-c", ServerCore, command.FileName, .. command.ArgumentList]);
        foreach ((string name, string? value) in command.Environment)
            pinned.Environment[name] = value;
        return pinned;
    }
}
