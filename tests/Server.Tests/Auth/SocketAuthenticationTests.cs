using System.Net.WebSockets;
using CoEdit.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoEdit.Server.Tests;

public sealed class SocketAuthenticationTests
{
    public static TheoryData<string> Transports => ["header", "protocol", "access_token", "token", "encoded name"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_token_is_taken_from_every_place_and_occurs_in_no_log_line(string transport)
    {
        using var log = new CollectedLog();
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept,
            builder => builder.Logging.AddProvider(log).AddFilter<CollectedLog>(category: null, LogLevel.Trace));
        string token = Tokens.Make("ada", "write:notes");

        await using TestSocket socket = await ConnectAsync(server, "notes", token, transport);
        await socket.ReceiveAsync(FrameKind.SyncStep1);
        Assert.Equal(transport == "protocol" ? "coedit" : null, socket.Socket.SubProtocol);

        string bad = token[..^8] + "AAAAAAAA";
        await using TestSocket refused = await ConnectAsync(server, "notes", bad, transport);
        Assert.Equal(CloseCode.Unauthorized, (await refused.ReceiveCloseAsync()).Code);
        using HttpResponseMessage answer = await server.Http.GetAsync(new Uri($"/api/v1/documents?token={token}", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);

        Assert.Contains(log.Lines, line => line.Contains("/ws/notes", StringComparison.Ordinal));
        string[] secrets = [.. token.Split('.'), bad.Split('.')[2]];
        Assert.DoesNotContain(log.Lines, line => Array.Exists(secrets, secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_else_is_in_the_query_stays_there()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);

        await using TestSocket socket = await server.ConnectAsync($"notes?a=b&token={Tokens.Make("ada", "write:notes")}&ack=1");

        Assert.Equal(101, (await socket.ReceiveAsync())![0]); // the epoch: ack=1 was seen
    }

    [Fact]
    public async Task Without_a_token_a_socket_is_accepted_and_closed_with_4401()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);

        await using TestSocket socket = await server.ConnectAsync("notes");

        Assert.Equal((CloseCode.Unauthorized, "A token is needed."), await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_cookie_is_no_token()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        string token = Tokens.Make("ada", "write:notes");

        await using TestSocket socket = await server.ConnectAsync("notes", options => options.SetRequestHeader("Cookie", $"token={token}; access_token={token}"));

        Assert.Equal(CloseCode.Unauthorized, (await socket.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Without_rights_in_the_document_a_socket_is_closed_with_4403_and_no_room_opens()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);

        await using TestSocket socket = await ConnectAsync(server, "other", Tokens.Make("ada", "write:notes"));

        Assert.Equal(CloseCode.Forbidden, (await socket.ReceiveCloseAsync()).Code);
        Assert.False(server.Services.GetRequiredService<RoomRegistry>().TryGet("other", out _));
    }

    [Fact]
    public async Task A_reader_reads_and_is_told_that_its_typing_is_not_kept()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        await using TestSocket writer = await ConnectAsync(server, "notes", Tokens.Make("ada", "write:*"));
        await using TestSocket reader = await ConnectAsync(server, "notes", Tokens.Make("bob", "read:*"));
        await reader.ReceiveAsync(FrameKind.SyncStep1);
        await writer.SendUpdateAsync(Updates.Text(1, 0, "hello"));
        Assert.Equal(Updates.Text(1, 0, "hello"), await reader.ReceiveAsync(FrameKind.Update));

        await reader.SendUpdateAsync(Updates.Text(2, 0, "graffiti"));
        await reader.ReceiveAsync(FrameKind.Auth);

        await reader.SendAsync(Updates.SyncFrame(0, [0]));
        Assert.Equal(Updates.Text(1, 0, "hello"), await reader.ReceiveAsync(FrameKind.SyncStep2));
    }

    [Fact]
    public async Task A_socket_is_closed_with_4401_when_its_token_expires()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        await using TestSocket socket = await ConnectAsync(server, "notes", Tokens.Make("ada", DateTimeOffset.UtcNow.AddSeconds(2), "write:notes"));
        await socket.ReceiveAsync(FrameKind.SyncStep1);

        Assert.Equal((CloseCode.Unauthorized, "The token has expired."), await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Rights_that_an_application_revokes_take_effect_on_recheck()
    {
        var rights = new ChangingRights();
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept, builder => builder.Services.AddSingleton<IDocumentAuthorizer>(rights));
        await using TestSocket ada = await ConnectAsync(server, "a/b", Tokens.Make("ada"));
        await using TestSocket bob = await ConnectAsync(server, "a/b", Tokens.Make("bob"));
        await using TestSocket cyd = await ConnectAsync(server, "a/b", Tokens.Make("cyd"));
        foreach (TestSocket socket in (TestSocket[])[ada, bob, cyd])
            await socket.ReceiveAsync(FrameKind.SyncStep1);

        rights.Of["ada"] = DocumentRights.None;
        rights.Of["bob"] = DocumentRights.Read;
        rights.Failing.Add("cyd");
        Assert.Equal("""{"checked":3,"changed":1,"closed":1,"failed":1}""", await RecheckAsync(server, "a%2Fb"));

        Assert.Equal(CloseCode.Forbidden, (await ada.ReceiveCloseAsync()).Code);
        await bob.SendUpdateAsync(Updates.Text(2, 0, "late"));
        await bob.ReceiveAsync(FrameKind.Auth);
        await cyd.SendUpdateAsync(Updates.Text(3, 0, "still here"));
        Assert.Equal(Updates.Text(3, 0, "still here"), await bob.ReceiveAsync(FrameKind.Update));
    }

    [Fact]
    public async Task A_recheck_of_a_document_that_is_not_open_finds_nobody()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);

        Assert.Equal("""{"checked":0,"changed":0,"closed":0,"failed":0}""", await RecheckAsync(server, "nobody"));
    }

    [Fact]
    public async Task An_authorizer_that_fails_refuses_newcomers_for_now()
    {
        var rights = new ChangingRights();
        rights.Failing.Add("ada");
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept, builder => builder.Services.AddSingleton<IDocumentAuthorizer>(rights));

        await using TestSocket socket = await ConnectAsync(server, "notes", Tokens.Make("ada"));

        Assert.Equal(CloseCode.TryAgainLater, (await socket.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task A_judge_that_never_answers_ends_in_4508()
    {
        var time = new ManualTimeProvider();
        var judge = new SilentJudge();
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton<IPeerAuthenticator>(judge);
        });
        Task<TestSocket> connecting = server.ConnectAsync("notes");
        await judge.Asked;
        time.Advance(new LimitsSection().HandshakeTimeout);

        await using TestSocket socket = await connecting;

        Assert.Equal(CloseCode.TimedOut, (await socket.ReceiveCloseAsync()).Code);
    }

    private static async Task<string> RecheckAsync(RunningServer server, string document)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/documents/{document}/recheck");
        request.Headers.Authorization = new("Bearer", Tokens.Admin("root"));
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    private static Task<TestSocket> ConnectAsync(RunningServer server, string name, string token, string transport = "header") => transport switch
    {
        "header" => server.ConnectAsync(name, options => options.SetRequestHeader("Authorization", "Bearer " + token)),
        "protocol" => server.ConnectAsync(name, options =>
        {
            options.AddSubProtocol("coedit");
            options.AddSubProtocol("bearer." + token);
        }),
        "encoded name" => server.ConnectAsync($"{name}?x=1&%74oken={token}"),
        _ => server.ConnectAsync($"{name}?{transport}={token}"),
    };

    private sealed class ChangingRights : IDocumentAuthorizer
    {
        public Dictionary<string, DocumentRights> Of { get; } = [];

        public HashSet<string> Failing { get; } = [];

        public ValueTask<DocumentRights> GetRightsAsync(System.Security.Claims.ClaimsPrincipal principal, string document, CancellationToken cancellationToken)
        {
            string user = principal.Identity!.Name!;
            return Failing.Contains(user)
                ? throw new InvalidOperationException("The database of rights is away.")
                : ValueTask.FromResult(Of.GetValueOrDefault(user, DocumentRights.Write));
        }
    }

    private sealed class SilentJudge : IPeerAuthenticator
    {
        private readonly TaskCompletionSource _asked = new();

        public Task Asked => _asked.Task;

        public async ValueTask<AuthResult> AuthenticateAsync(string? token, Microsoft.AspNetCore.Http.HttpContext context, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return AuthResult.Refused("never");
        }
    }
}
