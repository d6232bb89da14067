using System.Net;
using System.Net.Http.Headers;
using CoEdit.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace CoEdit.Server.Tests;

/// <summary>Rule OPS1: what is counted, and that no name is among it.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task The_page_counts_what_went_through_the_server_and_names_no_document()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket ada = await server.ConnectAsync("secret%20plan");
        await using TestSocket bob = await server.ConnectAsync("secret%20plan");
        await bob.ReceiveAsync(FrameKind.SyncStep1);
        await ada.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await bob.ReceiveAsync(FrameKind.Update);
        await ada.SendUpdateAsync(Updates.Text(1, 0, "other")); // a fork
        Assert.Equal(CloseCode.Conflict, (await ada.ReceiveCloseAsync()).Code);
        await server.Services.GetRequiredService<RoomRegistry>().ReadStateAsync("secret plan", CancellationToken.None); // on disk
        await Wait.UntilAsync(() => server.Services.GetRequiredService<ConnectionTable>().Count == 1, "Ada's connection was gone");

        using HttpResponseMessage response = await server.Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        string page = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(MediaTypeHeaderValue.Parse(PrometheusPage.ContentType), response.Content.Headers.ContentType);
        foreach (string line in (string[])
        [
            "coedit_rooms_open 1", "coedit_peers 1", "coedit_connections 1", "coedit_updates_received_total 2", "coedit_updates_applied_total 1",
            "coedit_updates_committed_total 1", "coedit_messages_received_total 2", "coedit_forks_total 1", "coedit_rejected_total{reason=\"fork\"} 1",
            "coedit_rejected_total{reason=\"read_only\"} 0", "coedit_commit_duration_seconds_count 1", "coedit_load_duration_seconds_count 1",
            "coedit_log_writable 1", "coedit_log_queue_bytes 0", "coedit_log_oldest_uncommitted_age_seconds 0", "coedit_pending_structs 0",
        ])
        {
            Assert.Contains("\n" + line + "\n", page, StringComparison.Ordinal);
        }

        Assert.Matches("\ncoedit_deliveries_total [3-9]", page);
        Assert.Matches("\ncoedit_bytes_received_total [1-9]", page);
        Assert.Matches("\ncoedit_bytes_sent_total [1-9]", page);
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_counted_of_a_connection_stays_counted_when_it_is_gone()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ConnectionTable connections = server.Services.GetRequiredService<ConnectionTable>();
        await using (TestSocket socket = await server.ConnectAsync("doc"))
        {
            await socket.SendAsync(Updates.SyncFrame(0, [0]));
            await socket.ReceiveAsync(FrameKind.SyncStep2);
        }

        await Wait.UntilAsync(() => connections.Count == 0, "the connection was gone");

        Assert.Equal(1, connections.Traffic.MessagesReceived);
        Assert.Equal(Updates.SyncFrame(0, [0]).Length, connections.Traffic.BytesReceived);
        Assert.True(connections.Traffic.MessagesSent >= 2);
    }

    [Fact]
    public async Task Rooms_tell_what_they_refuse_drop_ask_for_and_wait_for()
    {
        await using var harness = new RoomHarness(options => options.Limits.OutboxFrames = 4);
        using var page = new PrometheusPage(harness.Metrics);
        TestPeer ada = await harness.JoinAsync();
        TestPeer reader = await harness.JoinAsync(rights: DocumentRights.Read);
        reader.Drain(out _);

        await reader.SendUpdateAsync(Updates.Text(2, 0, "mine"));
        await ada.SendUpdateAsync(Updates.Text(1, 5, "early")); // what it follows is missing
        await ada.ReceiveAsync();
        await harness.TickAsync();
        Assert.Equal(1, ada.Room!.PendingStructs);
        Assert.True(ada.Room.PendingBytes > 0);
        Assert.True(ada.Room.StoredBytes > 0);
        await harness.TickAsync(TimeSpan.FromSeconds(4)); // Ada is asked for it
        await ada.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        for (uint i = 0; i < 8; i++)
            await ada.SendUpdateAsync(Updates.Text(3, i, "x"));
        await ada.SendAsync([0, 2, 1, 99]);
        await ada.ReceiveAsync();

        string text = page.Write();
        foreach (string line in (string[])
        [
            "coedit_rejected_total{reason=\"read_only\"} 1", "coedit_rejected_total{reason=\"malformed\"} 1",
            "coedit_outbox_drops_total 1", "coedit_resyncs_total 1", "coedit_updates_received_total 12", "coedit_updates_applied_total 10",
        ])
        {
            Assert.Contains("\n" + line + "\n", text, StringComparison.Ordinal);
        }

        Assert.Equal(0, ada.Room.PendingStructs);
    }

    [Theory]
    [InlineData(CloseCode.Conflict, "fork")]
    [InlineData(CloseCode.TryAgainLater, "overloaded")]
    [InlineData(CloseCode.MessageTooBig, "too_big")]
    [InlineData(CloseCode.ResetConnection, "pre_authentication")]
    [InlineData(4999, "other")]
    public void Every_close_code_has_a_reason(int code, string reason) => Assert.Equal(reason, Rejections.Tag(Rejections.Of(code)));
}
