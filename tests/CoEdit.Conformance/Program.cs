// Replays what real Yjs did (tests/conformance) against this library and lets real Yjs judge what comes out.
//   dotnet run -c Release --project tests/CoEdit.Conformance -- [--engine doc|store|updates|forks] FILE…      (a FILE may be a folder of *.json)
// doc (the default): the integrated document, compared with everything recorded.  store: the update store, judged by real Yjs.  updates: the functions that need no document, compared with the recorded bytes.
// forks: copies of one document in every mix, which the update store must never take for forks.
// One line per failing scenario and field; the last line is "N passed, M failed".
using CoEdit.Conformance;

List<string> paths = [];
string engine = "doc";
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--engine" && i + 1 < args.Length)
        engine = args[++i];
    else
        paths.Add(args[i]);
}

if (engine is not ("doc" or "store" or "updates" or "forks"))
{
    Console.Error.WriteLine("The engines are doc, store, updates and forks.");
    return 2;
}

List<string> files = [];
foreach (string path in paths)
{
    if (Directory.Exists(path))
        files.AddRange(Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal));
    else
        files.Add(path);
}

if (files.Count == 0)
{
    Console.Error.WriteLine("No scenario files. Make them with: npm install && node generate.mjs --seeds 1-10 (in tests/conformance).");
    return 2;
}

int passed = 0;
int failed = 0;
using Judge? judge = engine == "store" ? Judge.Start() : null;
foreach (string file in files)
{
    (string name, List<string> differences) = await ReplayAsync(file);
    foreach (string difference in differences)
        Console.WriteLine($"{name}: {difference}");
    if (differences.Count == 0)
        passed++;
    else
        failed++;
}

Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;

async Task<(string Name, List<string> Differences)> ReplayAsync(string file)
{
    if (engine == "doc")
        return (Path.GetFileNameWithoutExtension(file), DocReplay.Run(file));
    if (engine == "forks")
        return (Path.GetFileNameWithoutExtension(file), ForkReplay.Run(file));
    if (judge is null)
    {
        UpdatesReplay replay = new(file);
        List<string> differences = replay.Run();
        return (replay.Name, differences);
    }

    Scenario scenario = Scenario.Read(file);
    return (scenario.Name, await new StoreReplay(scenario, judge).RunAsync());
}
