using CoEdit.Bench;

// Standard output carries results only; everything said to a person goes to standard error.
try
{
    var options = Options.Parse(args);
    if (options.List)
        Report.List();
    else if (options.MemoryOf is { } stateFile)
        RetainedMemory.MeasureHere(stateFile);
    else
        Report.Write(StoreBench.Run(options, Workspace.Find()), options.Json);
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
