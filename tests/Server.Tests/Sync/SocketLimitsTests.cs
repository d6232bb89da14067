using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using CoEdit.Crdt;
using CoEdit.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace CoEdit.Server.Tests;

/// <summary>What one socket can cost the server, over real sockets (spec NET1-NET6).</summary>
public sealed class SocketLimitsTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task One_socket_too_many_is_refused_with_503_before_the_handshake_until_another_ends()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Limits.MaxConnections = 1);
        await using (TestSocket first = await server.ConnectAsync("doc"))
        {
            await first.ReceiveAsync(FrameKind.SyncStep1);
            (HttpStatusCode status, string? retryAfter) = await RefusalAsync(server);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (status, retryAfter));
            await first.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, None);
        }

        TestSocket? second = null;
        await Wait.UntilAsync(() => TryConnect(server, out second), "the place is given back");
        await second!.DisposeAsync();
    }

    [Fact]
    public async Task A_refused_upgrade_takes_no_place()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Limits.MaxConnections = 1);
        using var bad = new HttpRequestMessage(HttpMethod.Get, "/ws/doc");
        bad.Headers.Add("Connection", "Upgrade");
        bad.Headers.Add("Upgrade", "websocket");
        using HttpResponseMessage refused = await server.Http.SendAsync(bad);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        await using TestSocket socket = await server.ConnectAsync("doc");
        await socket.ReceiveAsync(FrameKind.SyncStep1);
    }

    [Fact]
    public async Task One_address_and_one_user_may_have_limits_of_their_own()
    {
        await using RunningServer byAddress = await RunningServer.StartAsync(options => options.Limits.MaxConnectionsPerAddress = 1);
        await using TestSocket first = await byAddress.ConnectAsync("doc");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await RefusalAsync(byAddress)).Status);

        await using RunningServer byUser = await RunningServer.StartAsync(options =>
        {
            Tokens.Accept(options);
            options.Limits.MaxConnectionsPerUser = 1;
        });
        await using TestSocket ada = await byUser.ConnectAsync("doc", options => Authorize(options, "ada"));
        await using TestSocket bob = await byUser.ConnectAsync("doc", options => Authorize(options, "bob"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await RefusalAsync(byUser, options => Authorize(options, "ada"))).Status);
    }

    [Fact]
    public async Task What_comes_faster_than_permitted_is_read_later_and_nothing_is_lost()
    {
        var time = new ManualTimeProvider();
        await using RunningServer server = await RunningServer.StartAsync(
            options => options.Limits.MaxMessagesPerSecond = 10, builder => builder.Services.AddSingleton<TimeProvider>(time));
        await using TestSocket hasty = await server.ConnectAsync("doc");
        await using TestSocket other = await server.ConnectAsync("doc");
        await other.ReceiveAsync(FrameKind.SyncStep1);
        const uint Messages = 60;
        for (uint i = 0; i < Messages; i++)
            await hasty.SendUpdateAsync(Updates.Text(1, i, "x"));

        var received = new UpdateStore();
        for (int i = 0; i < 10; i++)
            received.Apply(await other.ReceiveAsync(FrameKind.Update));
        Task<byte[]> next = other.ReceiveAsync(FrameKind.Update);
        while (received.StateOf(1) < Messages)
        {
            Assert.True(received.StateOf(1) <= 10 + 1 + (10 * (time.GetUtcNow() - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds));
            await Wait.UntilAsync(
                () =>
                {
                    if (!next.IsCompleted)
                        time.Advance(TimeSpan.FromMilliseconds(10));
                    return next.IsCompleted;
                },
                "the next message is read");
            received.Apply(await next);
            if (received.StateOf(1) < Messages)
                next = other.ReceiveAsync(FrameKind.Update);
        }

        Assert.True(time.GetUtcNow() >= new DateTimeOffset(2026, 1, 1, 0, 0, 4, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_message_that_stops_in_the_middle_ends_its_socket_and_one_that_creeps_on_does_not()
    {
        var time = new ManualTimeProvider();
        await using RunningServer server = await RunningServer.StartAsync(null, builder => builder.Services.AddSingleton<TimeProvider>(time));
        await using TestSocket dead = await server.ConnectAsync("doc");
        await using TestSocket slow = await server.ConnectAsync("doc");
        byte[] message = Updates.SyncFrame(2, Updates.Text(1, 0, new string('x', 200_000)));
        await dead.SendAsync(message.AsSpan(0, 9_000).ToArray(), endOfMessage: false);
        Task<(int Code, string? Reason)> closing = dead.ReceiveCloseAsync();

        int sent = 0;
        await Wait.UntilAsync(
            () =>
            {
                // 9,000 bytes per second keep the one alive.
                if (sent + 9_000 < message.Length)
                    slow.SendAsync(message.AsSpan(sent, 9_000).ToArray(), endOfMessage: false).GetAwaiter().GetResult();
                sent = Math.Min(message.Length - 1, sent + 9_000);
                if (sent < message.Length - 1)
                    time.Advance(TimeSpan.FromSeconds(1));
                return closing.IsCompleted;
            },
            "the dead socket is closed");

        Assert.Equal(CloseCode.TryAgainLater, (await closing).Code);
        Assert.Equal(WebSocketState.Open, slow.Socket.State);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_is_let_go_and_the_others_do_not_notice()
    {
        var time = new ManualTimeProvider();
        await using RunningServer server = await RunningServer.StartAsync(
            options => options.Limits.OutboxBytes = 64 * 1024, builder => builder.Services.AddSingleton<TimeProvider>(time));
        ConnectionTable connections = server.Services.GetRequiredService<ConnectionTable>();
        await using TestSocket writer = await server.ConnectAsync("doc");
        await using TestSocket stuck = await server.ConnectAsync("doc");
        await using TestSocket quick = await server.ConnectAsync("doc");
        await quick.ReceiveAsync(FrameKind.SyncStep1);
        string page = new('x', 50_000);
        const uint Pages = 300; // 15 MB, more than every buffer on the way holds
        for (uint i = 0; i < Pages; i++)
        {
            await writer.SendUpdateAsync(Updates.Text(1, i * 50_000, page));
            await quick.ReceiveAsync(FrameKind.Update);
            if (i % 100 == 99)
                time.Advance(TimeSpan.FromSeconds(1)); // room for the next megabytes
        }

        await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return connections.Count == 2;
            },
            "the stuck peer is gone");
        await writer.SendUpdateAsync(Updates.Text(1, Pages * 50_000, "still here"));
        Assert.NotEmpty(await quick.ReceiveAsync(FrameKind.Update));
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_dropped()
    {
        await using RunningServer server = await RunningServer.StartAsync(options =>
        {
            options.Limits.KeepAliveInterval = TimeSpan.FromSeconds(1);
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(3);
        });
        ConnectionTable connections = server.Services.GetRequiredService<ConnectionTable>();
        await using TestSocket alive = await server.ConnectAsync("doc");
        Task<(int, string?)> reading = alive.ReceiveCloseAsync(); // answers pings as it reads on
        using TcpClient mute = await UpgradeAsync(server, "");
        await Wait.UntilAsync(() => connections.Count == 2, "both are connected");

        await Wait.UntilAsync(() => connections.Count == 1, "the mute one is dropped");

        Assert.False(reading.IsCompleted);
    }

    [Fact]
    public async Task Compression_is_not_agreed_to()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using TcpClient client = await UpgradeAsync(server, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);

        Assert.Equal("HTTP/1.1 101 Switching Protocols", await reader.ReadLineAsync(None));
        while (await reader.ReadLineAsync(None) is { Length: > 0 } header)
            Assert.DoesNotContain("Extensions", header, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Before_a_token_is_shown_messages_are_small()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}/hocuspocus"), None);
        await using var client = new TestSocket(socket);

        await client.SendAsync(new byte[64 * 1024 + 1], endOfMessage: false);

        Assert.Equal(CloseCode.ResetConnection, (await client.ReceiveCloseAsync()).Code);
    }

    private static void Authorize(ClientWebSocketOptions options, string user) =>
        options.SetRequestHeader("Authorization", "Bearer " + Tokens.Make(user, "write:doc"));

    private static async Task<(HttpStatusCode Status, string? RetryAfter)> RefusalAsync(
        RunningServer server, Action<ClientWebSocketOptions>? configure = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        configure?.Invoke(socket.Options);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}/ws/doc"), None));
        string? retryAfter = socket.HttpResponseHeaders!.TryGetValue("Retry-After", out IEnumerable<string>? values) ? values.Single() : null;
        return (socket.HttpStatusCode, retryAfter);
    }

    private static bool TryConnect(RunningServer server, out TestSocket? socket)
    {
        try
        {
            socket = server.ConnectAsync("doc").GetAwaiter().GetResult();
            return true;
        }
        catch (WebSocketException)
        {
            socket = null;
            return false;
        }
    }

    /// <summary>A WebSocket by hand: it does what the test does and nothing by itself.</summary>
    private static async Task<TcpClient> UpgradeAsync(RunningServer server, string headers)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        string request = $"GET /ws/doc HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return client;
    }
}
