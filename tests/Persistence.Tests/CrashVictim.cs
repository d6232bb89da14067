using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoEdit.Persistence.Tests;

/// <summary>A process that writes until it is killed, or kills itself at a failpoint. It prints the number of each durable update.</summary>
/// <remarks>
/// Update n is the text "n"; a folded state is the list of the numbers it covers, so that a survivor can be checked by reading.
/// </remarks>
internal static class CrashVictim
{
    public const string Command = "crash-victim";
    public const string Document = "victim";

    private const int FoldEvery = 8;

    /// <param name="arguments">Database path, the failpoint to die at (or "none"), at its how manyth passage.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (path, point) = (arguments[0], arguments[1]);
        var passagesLeft = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var log = SqliteUpdateLog.Open(
            new StorageOptions
            {
                ConnectionString = $"Data Source={path}",
                Linger = TimeSpan.Zero,
                SnapshotChunkBytes = 16,
                CheckpointInterval = TimeSpan.FromMilliseconds(5),
                Failpoint = name =>
                {
                    if (name == point && --passagesLeft == 0)
                        Die();
                },
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);

        var document = (await log.LoadAsync(Document, CancellationToken.None)).Log;
        var durable = new SemaphoreSlim(0);
        document.Committed = _ => durable.Release();
        for (var n = 0; ; n++)
        {
            log.Append(document, Encoding.UTF8.GetBytes($"{n}"), "somebody");
            while (document.DurableTicket < n + 1)
                await durable.WaitAsync();
            Console.WriteLine(n);
            if (n % FoldEvery == FoldEvery - 1)
            {
                var state = string.Join(',', Enumerable.Range(0, n + 1));
                await log.FoldAsync(document, Encoding.UTF8.GetBytes(state), document.CommittedSequence, CancellationToken.None);
            }
        }
    }

    // SIGKILL, or its like: no handler, no finally block, no flush.
    private static void Die()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
