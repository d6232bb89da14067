using System.Diagnostics;
using System.Globalization;

namespace CoEdit.Persistence.Tests;

/// <summary>What a killed process acknowledged is there afterwards, wherever it was killed.</summary>
public sealed class CrashTests : StorageTest
{
    [Theory]
    [InlineData("group.before_commit", 1)]
    [InlineData("group.before_commit", 20)]
    [InlineData("group.after_commit", 1)]
    [InlineData("group.after_commit", 20)]
    [InlineData("fold.chunk", 1)]
    [InlineData("fold.chunk", 2)]
    [InlineData("fold.chunk", 5)]
    [InlineData("fold.before_flip", 1)]
    [InlineData("fold.before_flip", 3)]
    [InlineData("fold.after_flip", 1)]
    [InlineData("fold.after_flip", 3)]
    [InlineData("fold.delete_slice", 1)]
    [InlineData("fold.delete_slice", 2)]
    [InlineData("fold.delete_slice", 5)]
    public async Task A_process_killed_at_any_step_has_lost_nothing_it_acknowledged(string point, int passage)
    {
        var acknowledged = await Kill(point, passage, afterAcknowledged: int.MaxValue);
        await EverythingIsThere(acknowledged);
    }

    [Fact]
    public async Task A_process_killed_from_outside_again_and_again_has_lost_nothing_it_acknowledged()
    {
        for (var round = 1; round <= 4; round++)
        {
            var acknowledged = await Kill("none", 0, afterAcknowledged: round * 37);
            await EverythingIsThere(acknowledged);
            foreach (var file in Directory.GetFiles(Folder.Path))
                File.Delete(file);
        }
    }

    // Returns how many updates the process reported as durable before it died.
    private async Task<int> Kill(string point, int passage, int afterAcknowledged)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };

        // The test host is either this assembly's own executable or dotnet with the assembly as its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(CrashVictim).Assembly.Location);
        foreach (var argument in (string[])[CrashVictim.Command, DatabasePath, point, passage.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);

        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(Ct);
            var acknowledged = 0;
            while (await process.StandardOutput.ReadLineAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct) is { } line)
            {
                Assert.Equal(acknowledged++, int.Parse(line, CultureInfo.InvariantCulture));
                if (acknowledged == afterAcknowledged)
                    process.Kill();
            }

            await process.WaitForExitAsync(Ct);
            Assert.Equal("", await errors);
            Assert.NotEqual(0, process.ExitCode);
            return acknowledged;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private async Task EverythingIsThere(int acknowledged)
    {
        await using var log = Open();
        var loaded = await log.LoadAsync(CrashVictim.Document, Ct);
        var numbers = Texts(loaded)
            .SelectMany(text => text.Split(','))
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))
            .ToList();

        // At most one more than acknowledged: the one whose report was cut off.
        Assert.InRange(numbers.Count, acknowledged, acknowledged + 1);
        Assert.Equal(Enumerable.Range(0, numbers.Count), numbers);

        // It works on, and what the crash left behind goes away.
        await AppendEach(log, loaded.Log, "next");
        var head = loaded.Log.CommittedSequence;
        Assert.True(await log.FoldAsync(loaded.Log, Bytes("everything"), head, Ct));
        Assert.Equal(["everything"], Texts(await log.LoadAsync(CrashVictim.Document, Ct)));
        await log.DisposeAsync();
        Assert.Equal(0L, Sql("SELECT count(*) FROM log"));
        Assert.Equal(0L, Sql("SELECT flags FROM doc"));
        Assert.Equal(0L, Sql("SELECT count(*) FROM snapshot, doc WHERE gen NOT IN (snap_gen, snap_gen - 1)"));
        Assert.Equal("ok", Sql("PRAGMA integrity_check"));
    }
}
