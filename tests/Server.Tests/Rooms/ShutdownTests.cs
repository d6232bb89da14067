using CoEdit.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoEdit.Server.Tests;

/// <summary>Rules OPS2 and OPS3 without a process around them; tests/interop/shutdown.test.mjs has the process.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Peers_are_acknowledged_and_then_closed_with_1012_once_everything_is_on_disk()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer ada = await harness.JoinAsync(acknowledged: true);
        await ada.SendUpdateAsync(Updates.Text(1, 0, "last words"));
        await ada.ReceiveAsync();

        Task stopping = ShutdownOf(harness).StoppingAsync(CancellationToken.None);
        await RoomHarness.SettleAsync(ada.Room!);
        Assert.Empty(ada.Drain(out _));
        Assert.Null(ada.Closed);
        harness.Log.Commit();
        await stopping;

        byte[] acknowledgement = Assert.Single(ada.Drain(out _));
        Assert.Equal(SyncProtocol.Acknowledged(1), acknowledgement);
        Assert.Equal(CloseCode.ServiceRestart, ada.Closed?.Code);
        Assert.Single(harness.Log.UpdatesOf("doc"));
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_is_given_up_after_a_while()
    {
        await using var harness = new RoomHarness(autoCommit: false);
        TestPeer ada = await harness.JoinAsync(acknowledged: true);
        await ada.SendUpdateAsync(Updates.Text(1, 0, "lost"));
        await ada.ReceiveAsync();

        Task stopping = ShutdownOf(harness).StoppingAsync(CancellationToken.None);
        await RoomHarness.SettleAsync(ada.Room!);
        Assert.False(stopping.IsCompleted);
        harness.Time.Advance(TimeSpan.FromSeconds(4));
        await stopping;

        Assert.Empty(ada.Drain(out _)); // nothing was acknowledged
        harness.Log.Commit();
    }

    [Fact]
    public async Task A_fold_that_waits_its_turn_does_not_delay_the_end()
    {
        await using var harness = new RoomHarness(options => options.Rooms.FoldRows = 1);
        var never = new TaskCompletionSource();
        harness.Log.FoldGate = never.Task;
        TestPeer ada = await harness.JoinAsync();
        for (uint i = 0; i < 3; i++)
            await ada.SendUpdateAsync(Updates.Text(1, i, "x"));
        await harness.TickAsync();
        await Wait.UntilAsync(() => harness.Log.FoldsBegun == 1, "the fold began");

        await ShutdownOf(harness).StoppingAsync(CancellationToken.None);

        ada.Drain(out _);
        Assert.Equal(CloseCode.ServiceRestart, ada.Closed?.Code);
        never.SetResult();
    }

    [Fact]
    public async Task Every_socket_sees_1012_those_of_newcomers_too()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ConnectionTable connections = server.Services.GetRequiredService<ConnectionTable>();
        await using TestSocket ada = await server.ConnectAsync("doc");
        await ada.ReceiveAsync(FrameKind.SyncStep1);

        Task gone = connections.CloseAllAsync(CloseCode.ServiceRestart, "The server is restarting.");
        await using TestSocket late = await server.ConnectAsync("other");

        Assert.Equal(CloseCode.ServiceRestart, (await ada.ReceiveCloseAsync()).Code);
        Assert.Equal(CloseCode.ServiceRestart, (await late.ReceiveCloseAsync()).Code);
        await gone;
    }

    private static RoomShutdown ShutdownOf(RoomHarness harness) =>
        new(harness.Registry, new ConnectionTable(), harness.Time, NullLogger<RoomShutdown>.Instance);
}
