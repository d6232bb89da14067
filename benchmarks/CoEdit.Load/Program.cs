using CoEdit.Load;

// Standard output carries results only; everything said to a person goes to standard error.
try
{
    if (args is [BroadcastServer.Switch, ..])
    {
        await BroadcastServer.RunAsync(args);
        return 0;
    }

    var options = Options.Parse(args);
    Processors.PinGenerator();
    IReadOnlyList<Measurement> measurements = Runner.Run(options);
    if (!options.Json)
        Console.Write(Report.Tables(options, measurements));
    if (options.WriteResults)
        Report.Write(options, measurements);
    return Runner.Failures == 0 ? 0 : 1;
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
