using CoEdit.Bench;

// Standard output carries results only; everything said to a person goes to standard error.
try
{
    var options = Options.Parse(args);
    if (options.List)
        Report.List();
    else if (options.MemoryOf is { } stateFile)
        RetainedMemory.MeasureHere(stateFile, options);
    else if (options.DumpInput)
        Write(InputDump.Of(options.Bench, options.Format, Workspace.Find()));
    else
        Report.Write(options.IsStore ? StoreBench.Run(options, Workspace.Find()) : DocBench.Run(options, Workspace.Find()));
    return 0;
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (WrongResultException e)
{
    Console.Error.WriteLine("WRONG RESULT: " + e.Message);
    return 1;
}

static void Write(byte[] bytes)
{
    using Stream output = Console.OpenStandardOutput();
    output.Write(bytes);
}
