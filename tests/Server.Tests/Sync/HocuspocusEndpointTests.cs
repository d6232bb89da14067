using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using CoEdit.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace CoEdit.Server.Tests;

/// <summary>The Hocuspocus protocol over real sockets, byte by byte (spec HOC1-HOC8).</summary>
public sealed class HocuspocusEndpointTests
{
    private const string Auth = "01 64 02 00 02 7277 05 342e382e30"; // "d", token "rw", version "4.8.0"
    private const string Authenticated = "01 64 02 02 0a 726561642d7772697465";
    private const string ReadOnly = "01 64 02 02 08 726561646f6e6c79";

    [Fact]
    public async Task The_session_that_was_recorded_with_provider_4_8()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket a = await server.ConnectHocuspocusAsync("/any/path?and=query");
        await a.SendAsync(Auth);
        await a.SendAsync("01 64 00 00 01 00");
        await a.SendAsync("01 64 01 06 01 41 00 02 7b7d");
        await a.ExpectAsync(Authenticated);
        await a.ExpectAsync("01 64 00 00 01 00");
        await a.ExpectAsync("01 64 00 01 02 00 00");
        await a.SendAsync("01 64 00 01 02 00 00");
        await a.ExpectAsync("01 64 08 01");
        await a.SendAsync("01 64 01 0b 01 41 01 07 7b2275223a317d");
        await a.ExpectAsync("01 64 01 0b 01 41 01 07 7b2275223a317d");
        await a.ExpectAsync("01 64 01 08 01 41 01 04 6e756c6c"); // the nudge
        await a.SendAsync("01 64 00 02 0c 010141000401017402686900");
        await a.ExpectAsync("01 64 08 01");

        await using TestSocket b = await server.ConnectHocuspocusAsync();
        await b.SendAsync(Auth);
        await b.SendAsync("01 64 00 00 01 00");
        await b.ExpectAsync(Authenticated);
        await b.ExpectAsync("01 64 01 0b 01 41 01 07 7b2275223a317d");
        await b.ExpectAsync("01 64 00 00 03 01 41 02");
        await b.ExpectAsync("01 64 00 01 0c 010141000401017402686900");
        await b.SendAsync("01 64 00 01 02 00 00");
        await b.ExpectAsync("01 64 08 01");
        await b.SendAsync("01 64 07");
        await b.ExpectAsync("01 64 07 12 70726f76696465725f696e69746961746564");
        await b.SendAsync(Auth);
        await b.ExpectAsync(Authenticated);
    }

    [Fact]
    public async Task A_session_is_a_peer_of_its_own_and_every_reply_repeats_its_address()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync("03 64 00 31 02 00 00 05 342e382e30");
        await socket.ExpectAsync("03 64 00 31 02 02");
        await socket.SendAsync("03 64 00 32 02 00 00 05 342e382e30");
        await socket.ExpectAsync("03 64 00 32 02 02");

        await socket.SendAsync("03 64 00 31 00 02 0c 010141000401017402686900");

        List<string> frames = [Convert.ToHexStringLower((await socket.ReceiveAsync())!), Convert.ToHexStringLower((await socket.ReceiveAsync())!)];
        Assert.Equal(["036400310801", "0364003200020c010141000401017402686900"], frames.Order());
    }

    [Fact]
    public async Task A_session_without_a_seat_is_spoken_for_by_the_plain_name()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(Auth);
        await socket.ExpectAsync(Authenticated);

        await socket.SendAsync("03 64 00 31 00 02 0c 010141000401017402686900");

        await socket.ExpectAsync("01 64 08 01");
    }

    [Fact]
    public async Task Provider_2_without_a_token_begins_with_its_question()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync("01 64 00 00 01 00");
        await socket.ExpectAsync(Authenticated);
        await socket.ExpectAsync("01 64 00 00 01 00");
        await socket.ExpectAsync("01 64 00 01 02 00 00");
    }

    [Fact]
    public async Task Both_protocols_share_one_room_and_one_presence_table()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket plain = await server.ConnectAsync("d");
        await plain.SendAsync(Updates.AwarenessFrame(0x42, 1, "{}"));
        await plain.ReceiveAsync(FrameKind.Awareness);
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(Auth);
        await socket.ExpectAsync(Authenticated);
        await socket.ExpectAsync("01 64 01 06 01 42 01 02 7b7d");

        await plain.SendUpdateAsync(Updates.Text(1, 0, "a"));
        await socket.ExpectAsync("01 64" + Convert.ToHexStringLower(Updates.SyncFrame(2, Updates.Text(1, 0, "a"))));
        await socket.SendAsync("01 64 00 02 0c 010141000401017402686900");
        Assert.Equal(Convert.FromHexString("010141000401017402686900"), await plain.ReceiveAsync(FrameKind.Update));
    }

    [Fact]
    public async Task A_client_that_speaks_as_a_server_is_put_out_of_that_document_and_nothing_is_relayed()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket other = await server.ConnectHocuspocusAsync();
        await other.SendAsync(Auth);
        await other.ExpectAsync(Authenticated);
        await using TestSocket attacker = await server.ConnectHocuspocusAsync();
        await attacker.SendAsync(Auth);
        await attacker.ExpectAsync(Authenticated);

        await attacker.SendAsync("01 64 06 02 6869");
        await attacker.ExpectAsync("01 64 07 09 466f7262696464656e");
        await attacker.SendAsync("01 64 00 02 0c 010141000401017402686900"); // dropped: it is out
        await attacker.SendAsync(Auth);
        await attacker.ExpectAsync(Authenticated);
        await attacker.SendAsync("01 64 00 00 01 00");
        await attacker.ExpectAsync("01 64 00 00 01 00");

        await other.SendAsync("01 64 00 00 01 00");
        await other.ExpectAsync("01 64 00 00 01 00"); // the first frame since it joined
    }

    [Fact]
    public async Task The_reply_of_a_server_is_answered_without_a_question_and_unknown_types_are_not_answered()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(Auth);
        await socket.ExpectAsync(Authenticated);
        await socket.SendAsync("01 64 63 01 02 03");
        await socket.SendAsync("0a");
        await socket.SendAsync("01 64 08 01");
        await socket.SendAsync("01 64 04 00 01 00");
        await socket.ExpectAsync("01 64 00 01 02 00 00");
        await socket.SendAsync("01 64 04 02 0c 010141000401017402686900");
        await socket.ExpectAsync("01 64 08 01");
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0a 61")]
    [InlineData("ff ff ff ff 0f 64 00")]
    [InlineData("01 64 02 00 ff ff ff ff 0f")]
    [InlineData("01 64 00")]
    public async Task Broken_framing_costs_its_socket_and_no_other(string hex)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket other = await server.ConnectHocuspocusAsync();
        await other.SendAsync(Auth);
        await other.ExpectAsync(Authenticated);
        await using TestSocket hostile = await server.ConnectHocuspocusAsync();
        await hostile.SendAsync(hex);
        Assert.Equal(CloseCode.ProtocolError, (await hostile.ReceiveCloseAsync()).Code);
        await other.SendAsync("01 64 00 02 0c 010141000401017402686900");
        await other.ExpectAsync("01 64 08 01");
    }

    [Theory]
    [InlineData("01 20", "blank")]
    [InlineData("00", "blank")]
    [InlineData("03 2e2e2f", "slash")]
    [InlineData("02 2e2e", "segment")]
    [InlineData("01 ff", "UTF-8")]
    [InlineData("02 61 0a", "control")]
    public async Task A_bad_name_is_denied_and_the_socket_stays_open(string address, string reason)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(address + "02 00 00");
        byte[] denial = await socket.ExpectAsync(address + "02 01");
        Assert.Contains(reason, System.Text.Encoding.UTF8.GetString(denial), StringComparison.Ordinal);
        await socket.SendAsync(address + "00 02 02 0000");
        await socket.SendAsync(Auth);
        await socket.ExpectAsync(Authenticated);
    }

    [Fact]
    public async Task Stateless_messages_reach_the_application_which_can_answer_one_connection()
    {
        var ear = new Ear();
        await using RunningServer server = await RunningServer.StartAsync(build: builder => builder.Services.AddSingleton<IStatelessHandler>(ear));
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(Auth);
        await socket.ExpectAsync(Authenticated);
        await socket.SendAsync("01 64 05 04 626f6f6d"); // the handler throws; nobody suffers
        await socket.SendAsync("01 64 05 02 6869");
        await socket.SendAsync("01 64 00 00 01 00");
        await socket.ExpectAsync("01 64 00 00 01 00");
        await socket.ExpectAsync("01 64 00 01 02 00 00");
        StatelessMessage heard = Assert.Single(ear.Heard);
        Assert.Equal(("d", null, "hi"), (heard.Document, heard.User, heard.Payload));

        IStatelessSender sender = server.Services.GetRequiredService<IStatelessSender>();
        Assert.Equal(1, await sender.SendAsync("d", "ho", connection: heard.Connection));
        await socket.ExpectAsync("01 64 05 02 686f");
        using HttpResponseMessage accepted = await server.Http.PostAsJsonAsync("/api/v1/documents/d/stateless", new { payload = "all" });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await socket.ExpectAsync("01 64 05 03 616c6c");
    }

    [Theory]
    [InlineData("nowhere", """{"payload":"x"}""", HttpStatusCode.NotFound)]
    [InlineData("d", """{"payload":"x","user":"nobody"}""", HttpStatusCode.NotFound)]
    [InlineData("d", """{"payload":"x","connection":12345}""", HttpStatusCode.NotFound)]
    [InlineData("d", """{}""", HttpStatusCode.BadRequest)]
    [InlineData("d%2F", """{"payload":"x"}""", HttpStatusCode.BadRequest)]
    public async Task A_stateless_message_for_nobody_or_without_content_is_a_problem(string name, string body, HttpStatusCode expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(Auth);
        await socket.ExpectAsync(Authenticated);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await server.Http.PostAsync(new Uri($"/api/v1/documents/{name}/stateless", UriKind.Relative), content);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Plain_HTTP_gets_400_and_a_page_of_another_origin_403()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpResponseMessage plain = await server.Http.GetAsync(new Uri("/hocuspocus", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(
            () => socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}/hocuspocus"), CancellationToken.None));
    }

    [Fact]
    public async Task A_socket_that_opens_no_document_is_closed_with_4408()
    {
        var time = new ManualTimeProvider();
        await using RunningServer server = await RunningServer.StartAsync(build: builder => builder.Services.AddSingleton<TimeProvider>(time));
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync("01 20 02 00 00"); // a denial is no document
        await socket.ExpectAsync("01 20 02 01");

        time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(CloseCode.ConnectionTimeout, (await socket.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task In_Jwt_mode_a_document_is_open_to_read_or_write_and_a_denial_leaves_the_others_alone()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync("01 64 00 00 01 00"); // waits for the proof
        await socket.SendAsync(AuthFrame("d", Tokens.Make("ada", "read:d")));
        await socket.ExpectAsync(ReadOnly);
        await socket.ExpectAsync("01 64 00 00 01 00");
        await socket.ExpectAsync("01 64 00 01 02 00 00");
        await socket.SendAsync("01 64 00 02 0c 010141000401017402686900");
        await socket.ExpectAsync("01 64 08 00");
        await socket.SendAsync("01 64 00 01 02 00 00");
        await socket.ExpectAsync("01 64 08 01");

        await socket.SendAsync(AuthFrame("e", Tokens.Make("ada", "read:d")));
        await socket.ExpectAsync("01 65 02 01 11 7065726d697373696f6e2d64656e696564");
        await socket.SendAsync(AuthFrame("e", "garbage"));
        await socket.ExpectAsync("01 65 02 01");
        await socket.SendAsync(AuthFrame("e", Tokens.Make("ada", "write:e")));
        await socket.ExpectAsync("01 65 02 02 0a");
    }

    [Fact]
    public async Task A_second_token_changes_the_rights_in_place_and_a_bad_one_ends_the_document()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(AuthFrame("d", Tokens.Make("ada", "read:d")));
        await socket.ExpectAsync(ReadOnly);
        await socket.SendAsync(AuthFrame("d", Tokens.Make("ada", "write:d")));
        await socket.ExpectAsync(Authenticated);
        await socket.ExpectAsync("01 64 00 00 01 00"); // what it wrote while it might not is asked for again
        await socket.SendAsync("01 64 00 02 0c 010141000401017402686900");
        await socket.ExpectAsync("01 64 08 01");
        await socket.SendAsync(AuthFrame("d", Tokens.Make("bob", "read:d")));
        await socket.ExpectAsync(ReadOnly);
        await socket.SendAsync(AuthFrame("d", "garbage"));
        await socket.ExpectAsync("01 64 07");
        await socket.SendAsync("01 64 00 02 0c 010141000401017402686900");
        await socket.SendAsync(AuthFrame("d", Tokens.Make("ada", "write:d")));
        await socket.ExpectAsync(Authenticated);
    }

    [Fact]
    public async Task A_client_is_asked_for_another_token_before_its_own_expires_and_leaves_the_document_without_one()
    {
        var time = new ManualTimeProvider();
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept, builder => builder.Services.AddSingleton<TimeProvider>(time));
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        await socket.SendAsync(AuthFrame("d", Tokens.Make("ada", time.GetUtcNow().AddMinutes(1), "write:d")));
        await socket.ExpectAsync(Authenticated);
        time.Advance(TimeSpan.FromSeconds(35));
        await socket.ExpectAsync("01 64 02 00");
        await socket.SendAsync(AuthFrame("d", Tokens.Make("ada", time.GetUtcNow().AddMinutes(1), "write:d")));
        await socket.ExpectAsync(Authenticated);

        time.Advance(TimeSpan.FromSeconds(45));
        byte[]? frame;
        do
            frame = await socket.ReceiveAsync(); // a keep-alive may come first
        while (frame is [9]);
        Assert.Equal("01640200", Convert.ToHexStringLower(frame!));
        time.Advance(TimeSpan.FromSeconds(60));
        await socket.ExpectAsync("01 64 07");
        Assert.Equal(WebSocketState.Open, socket.Socket.State);
    }

    [Theory]
    [InlineData(101, 1, 6)]
    [InlineData(1, 1_001, 6)]
    [InlineData(1, 18, 64 * 1024)]
    public async Task Who_sends_too_much_before_being_let_in_is_reset_with_4205(int documents, int frames, int bytes)
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        for (int document = 0; document < documents; document++)
        {
            for (int i = 0; i < frames; i++)
            {
                byte[] frame = new byte[bytes];
                frame[0] = 1;
                frame[1] = (byte)document;
                await socket.SendAsync(frame);
            }
        }

        Assert.Equal(CloseCode.ResetConnection, (await socket.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task More_documents_than_may_wait_can_be_opened_at_once()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await using TestSocket socket = await server.ConnectHocuspocusAsync();
        for (int i = 0; i < 150; i++)
            await socket.SendAsync(AuthFrame($"many-{i}", "x"));
        for (int i = 0; i < 150; i++)
            Assert.Equal(HocuspocusMessageType.Auth, HocuspocusFrame.Read((await socket.ReceiveAsync())!).Type);
    }

    private static byte[] AuthFrame(string document, string token)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        Crdt.Lib0Writer.WriteVarString(writer, document);
        Crdt.Lib0Writer.WriteByte(writer, 2);
        Crdt.Lib0Writer.WriteByte(writer, 0);
        Crdt.Lib0Writer.WriteVarString(writer, token);
        Crdt.Lib0Writer.WriteVarString(writer, "4.8.0");
        return writer.WrittenSpan.ToArray();
    }

    private sealed class Ear : IStatelessHandler
    {
        public List<StatelessMessage> Heard { get; } = [];

        public ValueTask HandleAsync(StatelessMessage message, CancellationToken cancellationToken)
        {
            if (message.Payload == "boom")
                throw new InvalidOperationException("A mistake of the application.");
            Heard.Add(message);
            return ValueTask.CompletedTask;
        }
    }
}
