using CoEdit.Persistence.Tests;

// The crash tests start this assembly a second time, to be killed.
return args is [CrashVictim.Command, .. var victim]
    ? await CrashVictim.RunAsync(victim)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
