using System.Net;
using System.Net.Http.Json;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

/// <summary>What operators see and do (OPS4; who may is in <see cref="HttpAuthorizationTests"/>).</summary>
public sealed class RoomsApiTests
{
    [Fact]
    public async Task Operators_see_who_is_in_which_document()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket ada = await server.ConnectAsync("team%2Fnotes");
        await using TestSocket bob = await server.ConnectAsync("team%2Fnotes");
        await using TestSocket cyd = await server.ConnectAsync("another");
        foreach (TestSocket socket in (TestSocket[])[ada, bob, cyd])
            await socket.ReceiveAsync(FrameKind.SyncStep1);
        await ada.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        await bob.ReceiveAsync(FrameKind.Update);

        ListRooms.Response list = await ListAsync(server, "");

        Assert.Equal(["another", "team/notes"], list.Rooms.Select(room => room.Name));
        Assert.Equal((2, 3, 3), (list.OpenRooms, list.Peers, list.Connections));
        Assert.Null(list.Next);
        RoomInfo notes = list.Rooms[1];
        Assert.Equal(2, notes.PeerCount);
        Assert.NotNull(notes.Peers);
        PeerInfo writer = Assert.Single(notes.Peers, peer => peer.BytesReceived > 0);
        Assert.Equal(("y-websocket", "write", null, false), (writer.Protocol, writer.Rights, writer.Principal, writer.IsLagging));
        Assert.True(writer.BytesSent > 0);
        Assert.InRange(writer.Since, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(2, notes.Peers.Select(peer => peer.Id).Distinct().Count());
    }

    [Fact]
    public async Task Rooms_are_listed_a_page_at_a_time()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        var sockets = new List<TestSocket>();
        foreach (string name in (string[])["c", "a", "b"])
        {
            sockets.Add(await server.ConnectAsync(name));
            await sockets[^1].ReceiveAsync(FrameKind.SyncStep1);
        }

        ListRooms.Response first = await ListAsync(server, "?limit=2");
        ListRooms.Response second = await ListAsync(server, "?limit=2&after=" + first.Next);

        Assert.Equal(["a", "b"], first.Rooms.Select(room => room.Name));
        Assert.Equal("b", first.Next);
        Assert.Equal(["c"], second.Rooms.Select(room => room.Name));
        Assert.Null(second.Next);
        using HttpResponseMessage bad = await server.Http.GetAsync(new Uri("/api/v1/rooms?limit=0", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        foreach (TestSocket socket in sockets)
            await socket.DisposeAsync();
    }

    [Theory]
    [InlineData("", CloseCode.GoingAway)]
    [InlineData("?permanent=false", CloseCode.GoingAway)]
    [InlineData("?permanent=true", CloseCode.Forbidden)]
    public async Task A_kicked_peer_is_closed_and_the_others_stay(string query, int expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket ada = await server.ConnectAsync("team%2Fnotes");
        await ada.ReceiveAsync(FrameKind.SyncStep1);
        long id = (await ListAsync(server, "")).Rooms[0].Peers![0].Id;
        await using TestSocket bob = await server.ConnectAsync("team%2Fnotes");
        await bob.ReceiveAsync(FrameKind.SyncStep1);

        Assert.Equal(HttpStatusCode.NoContent, await KickAsync(server, "team%2Fnotes", id, query));

        (int code, string? reason) = await ada.ReceiveCloseAsync();
        Assert.Equal(expected, code);
        Assert.Contains("operator", reason, StringComparison.Ordinal);
        await bob.SendAsync(Updates.SyncFrame(0, [0]));
        await bob.ReceiveAsync(FrameKind.SyncStep2);
        Assert.Equal(HttpStatusCode.NotFound, await KickAsync(server, "team%2Fnotes", id, query));
        Assert.Equal(HttpStatusCode.NotFound, await KickAsync(server, "nowhere", id, query));
        Assert.Equal(HttpStatusCode.BadRequest, await KickAsync(server, "a%0Ab", id, query));
    }

    [Fact]
    public async Task A_room_that_is_busy_is_listed_without_its_peers()
    {
        await using var harness = new RoomHarness();
        var load = new TaskCompletionSource();
        harness.Log.LoadGate = load.Task;
        Task<TestPeer> joining = harness.JoinAsync("slow");
        var handler = new ListRooms.Handler(harness.Registry, new ConnectionTable(), harness.Time);

        Task<ListRooms.Response> listing = handler.Handle(new ListRooms.Query(null, 10), CancellationToken.None);
        Assert.False(listing.IsCompleted);
        harness.Time.Advance(TimeSpan.FromSeconds(3));

        RoomInfo room = Assert.Single((await listing).Rooms);
        Assert.Equal("slow", room.Name);
        Assert.Null(room.Peers);
        load.SetResult();
        await joining;
    }

    private static async Task<ListRooms.Response> ListAsync(RunningServer server, string query)
    {
        ListRooms.Response? response = await server.Http.GetFromJsonAsync<ListRooms.Response>(new Uri("/api/v1/rooms" + query, UriKind.Relative));
        Assert.NotNull(response);
        return response;
    }

    private static async Task<HttpStatusCode> KickAsync(RunningServer server, string name, long id, string query)
    {
        var creation = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using HttpResponseMessage response = await server.Http.DeleteAsync(
            new Uri($"http://{server.Address.Authority}/api/v1/rooms/{name}/peers/{id}{query}", creation));
        if (!response.IsSuccessStatusCode)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return response.StatusCode;
    }
}
