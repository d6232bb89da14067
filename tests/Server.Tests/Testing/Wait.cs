namespace CoEdit.Server.Tests;

/// <summary>Waits for a condition with a generous deadline; for what real threads and sockets do.</summary>
internal static class Wait
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"Waited in vain until {what}.");
            await Task.Delay(2, CancellationToken.None);
        }
    }
}
