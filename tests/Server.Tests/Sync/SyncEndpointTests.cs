using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using CoEdit.Crdt;
using CoEdit.Protocol;

namespace CoEdit.Server.Tests;

public sealed class SyncEndpointTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Two_sockets_share_a_document_and_a_third_gets_all_of_it()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket ada = await server.ConnectAsync("doc");
        await using TestSocket bob = await server.ConnectAsync("doc");
        await bob.ReceiveAsync(FrameKind.SyncStep1);

        await ada.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        Assert.Equal(Updates.Text(1, 0, "hello"), await bob.ReceiveAsync(FrameKind.Update));

        await using TestSocket cyd = await server.ConnectAsync("doc");
        Assert.Equal(5u, StateVector.Decode(await cyd.ReceiveAsync(FrameKind.SyncStep1))[1]);
        await cyd.SendAsync(Updates.SyncFrame(0, [0]));
        Assert.Equal(Updates.Text(1, 0, "hello"), await cyd.ReceiveAsync(FrameKind.SyncStep2));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a/../b", "..")]
    [InlineData("%2e%2e", "..")]
    [InlineData("trailing/", "slash")]
    [InlineData("%zz", "percent")]
    [InlineData("%ff", "UTF-8")]
    [InlineData("a%0Ab", "control")]
    public async Task A_bad_name_is_closed_with_4400_on_a_socket_and_400_on_plain_HTTP(string name, string reason)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        await using TestSocket socket = await server.ConnectAsync(name);
        (int code, string? why) = await socket.ReceiveCloseAsync();
        Assert.Equal(CloseCode.BadRequest, code);
        Assert.Contains(reason, why, StringComparison.OrdinalIgnoreCase);

        var creation = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using HttpResponseMessage plain = await server.Http.GetAsync(new Uri($"http://{server.Address.Authority}/ws/{name}", creation));
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        Assert.Equal("application/problem+json", plain.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("%D0%BA%D0%BB%D1%8E%D1%87", "%d0%ba%d0%bb%d1%8e%d1%87")]
    [InlineData("with%20space", "with%20%73pace")]
    public async Task Two_spellings_of_one_name_are_one_document(string one, string other)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket ada = await server.ConnectAsync(one);
        await using TestSocket bob = await server.ConnectAsync(other);
        await bob.ReceiveAsync(FrameKind.SyncStep1);

        await ada.SendUpdateAsync(Updates.Text(1, 0, "hello"));

        Assert.Equal(Updates.Text(1, 0, "hello"), await bob.ReceiveAsync(FrameKind.Update));
    }

    [Fact]
    public async Task A_text_frame_closes_its_socket_with_1003_and_nobody_else()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket hostile = await server.ConnectAsync("doc");
        await using TestSocket other = await server.ConnectAsync("doc");

        await hostile.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text);

        Assert.Equal(CloseCode.UnsupportedData, (await hostile.ReceiveCloseAsync()).Code);
        await other.SendAsync(Updates.SyncFrame(0, [0]));
        await other.ReceiveAsync(FrameKind.SyncStep2);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_cut_off_with_1009()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Limits.MaxMessageBytes = 64 * 1024);
        await using TestSocket hostile = await server.ConnectAsync("doc");

        await hostile.SendAsync(new byte[64 * 1024 + 1], endOfMessage: false);

        Assert.Equal(CloseCode.MessageTooBig, (await hostile.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task A_message_in_many_pieces_is_put_together_and_too_many_empty_ones_are_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectAsync("doc");
        byte[] frame = Updates.SyncFrame(2, Updates.Text(1, 0, new string('x', 10_000)));

        foreach (byte[] piece in frame.Chunk(7))
            await socket.SendAsync(piece, endOfMessage: false);
        await socket.SendAsync([], endOfMessage: true);
        await socket.SendAsync(Updates.SyncFrame(0, [0]));
        Assert.True((await socket.ReceiveAsync(FrameKind.SyncStep2)).Length > 10_000);

        for (int i = 0; i < 70; i++)
            await socket.SendAsync([], endOfMessage: false);
        Assert.Equal(CloseCode.ProtocolError, (await socket.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task An_offered_subprotocol_is_chosen_and_a_token_is_never_echoed()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        await using TestSocket socket = await server.ConnectAsync("doc", options =>
        {
            options.AddSubProtocol("bearer.secret");
            options.AddSubProtocol("coedit");
        });

        Assert.Equal("coedit", socket.Socket.SubProtocol);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("same", true)]
    [InlineData("http://localhost:1234", true)]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("https://allowed.example", true)]
    [InlineData("HTTPS://ALLOWED.example", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("https://allowed.example.evil.example", false)]
    [InlineData("https://allowed.example:444", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("nonsense", false)]
    [InlineData("", false)]
    public async Task Only_pages_of_known_origins_may_open_sockets(string? origin, bool allowed)
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Security.AllowedOrigins.Add("https://allowed.example"));
        if (origin == "same")
            origin = $"http://{server.Address.Authority}";
        void SetOrigin(ClientWebSocketOptions options)
        {
            if (origin is not null)
                options.SetRequestHeader("Origin", origin);
        }

        if (allowed)
        {
            await using TestSocket socket = await server.ConnectAsync("doc", SetOrigin);
            await socket.ReceiveAsync(FrameKind.SyncStep1);
        }
        else
        {
            using var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            SetOrigin(socket.Options);
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}/ws/doc"), None));
            Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
        }
    }

    [Fact]
    public async Task Requests_for_a_foreign_host_name_are_refused_while_everybody_is_let_in()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/documents");
        request.Headers.Host = "rebound.example";

        using HttpResponseMessage response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_peer_that_stops_reading_delays_nobody_and_catches_up_when_it_reads_again()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Limits.OutboxBytes = 256 * 1024);
        await using TestSocket writer = await server.ConnectAsync("doc");
        await using TestSocket slow = await server.ConnectAsync("doc");
        await using TestSocket quick = await server.ConnectAsync("doc");
        await quick.ReceiveAsync(FrameKind.SyncStep1);
        string page = new('x', 50_000);
        const uint Pages = 200; // 10 MB, more than every buffer on the way holds

        var received = new UpdateStore();
        for (uint i = 0; i < Pages; i++)
        {
            await writer.SendUpdateAsync(Updates.Text(1, i * 50_000, page));
            received.Apply(await quick.ReceiveAsync(FrameKind.Update));
        }

        Assert.Equal(Pages * 50_000, received.StateOf(1));
        var late = new UpdateStore();
        while (late.StateOf(1) < Pages * 50_000)
            late.Apply(await slow.ReceiveAsync(FrameKind.Update));
    }

    [Fact]
    public async Task The_HTTP_API_lists_describes_reads_and_deletes_a_document()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectAsync("folder/%D0%BA");
        await socket.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        string path = $"/api/v1/documents/{Uri.EscapeDataString("folder/к")}";

        byte[] state = await WaitForStateAsync(server, path);
        Assert.Equal(Updates.Text(1, 0, "hello"), state);
        JsonElement list = await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/documents");
        JsonElement row = Assert.Single(list.GetProperty("documents").EnumerateArray());
        Assert.Equal("folder/к", row.GetProperty("name").GetString());
        Assert.Equal(1, row.GetProperty("openPeers").GetInt32());
        Assert.True(row.GetProperty("size").GetInt64() > 0);
        Assert.True(row.GetProperty("lastChange").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-5));
        Assert.Equal("folder/к", (await server.Http.GetFromJsonAsync<JsonElement>(path)).GetProperty("name").GetString());

        using HttpResponseMessage deleted = await server.Http.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(CloseCode.DocumentDeleted, (await socket.ReceiveCloseAsync()).Code);
        using HttpResponseMessage gone = await server.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal("application/problem+json", gone.Content.Headers.ContentType?.MediaType);
        using HttpResponseMessage again = await server.Http.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/documents/%2e%2e", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/documents/a%0Ab/state", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/documents/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/documents?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/documents?limit=abc", HttpStatusCode.BadRequest)]
    public async Task Bad_requests_are_answered_with_problem_details(string path, HttpStatusCode expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        var creation = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };

        using HttpResponseMessage response = await server.Http.GetAsync(new Uri($"http://{server.Address.Authority}{path}", creation));

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Health_says_whether_documents_can_be_stored()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        Assert.Equal("ok", await server.Http.GetStringAsync("/healthz/live"));
        JsonElement ready = await server.Http.GetFromJsonAsync<JsonElement>("/healthz/ready");
        Assert.Equal("ok", ready.GetProperty("status").GetString());
    }

    private static async Task<byte[]> WaitForStateAsync(RunningServer server, string path)
    {
        byte[] state = [];
        await Wait.UntilAsync(
            () =>
            {
                using HttpResponseMessage response = server.Http.Send(new HttpRequestMessage(HttpMethod.Get, $"{path}/state"));
                if (!response.IsSuccessStatusCode)
                    return false;
                using var copy = new MemoryStream();
                response.Content.ReadAsStream().CopyTo(copy);
                state = copy.ToArray();
                return true;
            },
            "the document is written");
        return state;
    }
}
