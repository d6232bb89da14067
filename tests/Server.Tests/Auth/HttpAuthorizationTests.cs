using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoEdit.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CoEdit.Server.Tests;

public sealed class HttpAuthorizationTests
{
    [Fact]
    public async Task Every_endpoint_of_the_api_stands_under_one_of_our_policies()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);

        RouteEndpoint[] endpoints =
        [
            .. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal)),
        ];

        Assert.NotEmpty(endpoints);
        Assert.All(endpoints, endpoint => Assert.Contains(
            endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>(),
            data => data.Policy is CoEditPolicies.DocumentRead or CoEditPolicies.DocumentWrite or CoEditPolicies.ServerAdmin));
    }

    [Theory]
    [InlineData("GET", "/api/v1/documents/notes", null, 401)]
    [InlineData("GET", "/api/v1/documents/notes", "read:notes", 200)]
    [InlineData("GET", "/api/v1/documents/notes", "read:other", 403)]
    [InlineData("GET", "/api/v1/documents/notes", "write:no*", 200)]
    [InlineData("GET", "/api/v1/documents/n%6Ftes/state", "read:notes", 200)]
    [InlineData("GET", "/api/v1/documents/notes/state", "read:other", 403)]
    [InlineData("GET", "/api/v1/documents/missing", "read:other", 403)]
    [InlineData("GET", "/api/v1/documents/missing", "read:missing", 404)]
    [InlineData("DELETE", "/api/v1/documents/notes", null, 401)]
    [InlineData("DELETE", "/api/v1/documents/notes", "read:notes", 403)]
    [InlineData("DELETE", "/api/v1/documents/notes", "write:notes", 204)]
    [InlineData("POST", "/api/v1/documents/notes/recheck", "write:notes", 403)]
    [InlineData("POST", "/api/v1/documents/notes/recheck", "admin", 200)]
    [InlineData("GET", "/api/v1/documents", null, 401)]
    [InlineData("GET", "/api/v1/rooms", null, 401)]
    [InlineData("GET", "/api/v1/rooms", "write:*", 403)]
    [InlineData("GET", "/api/v1/rooms", "admin", 200)]
    [InlineData("DELETE", "/api/v1/rooms/notes/peers/1", "write:notes", 403)]
    [InlineData("DELETE", "/api/v1/rooms/notes/peers/999", "admin", 404)]
    [InlineData("GET", "/metrics", null, 401)]
    [InlineData("GET", "/metrics", "write:*", 403)]
    [InlineData("GET", "/metrics", "admin", 200)]
    public async Task Rights_decide_about_every_request(string method, string path, string? rights, int expected)
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        await WriteAsync(server, "notes");

        using HttpResponseMessage response = await SendAsync(server, method, path, rights is null ? null : TokenWith(rights));

        Assert.Equal(expected, (int)response.StatusCode);
        if (expected >= 400)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        if (expected == 401)
            Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task A_bad_token_is_401_with_the_reason()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);

        using HttpResponseMessage response = await SendAsync(server, "GET", "/api/v1/documents", Tokens.Make("ada", DateTimeOffset.UnixEpoch));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Contains("expired", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_leaves_out_what_the_caller_may_not_read_and_pages_over_it()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        foreach (string name in (string[])["a", "b1", "c", "d", "b2", "e", "b3"])
            await WriteAsync(server, name);
        string token = TokenWith("read:b*");

        var seen = new List<string>();
        string? after = "";
        while (after is not null)
        {
            using HttpResponseMessage response = await SendAsync(server, "GET", $"/api/v1/documents?limit=1&after={after}", token);
            using var page = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
            seen.AddRange(page.RootElement.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("name").GetString()!));
            after = page.RootElement.GetProperty("next").GetString();
        }

        Assert.Equal(["b1", "b2", "b3"], seen);
    }

    [Theory]
    [InlineData(null, null, 200)]
    [InlineData("X-Forwarded-For", "203.0.113.7", 403)]
    [InlineData("Forwarded", "for=203.0.113.7", 403)]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "http://localhost:1234", 200)]
    public async Task While_everybody_is_let_in_only_callers_of_this_machine_are_administrators(string? header, string? value, int expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/documents/notes/recheck");
        if (header is not null)
            request.Headers.Add(header, value);

        using HttpResponseMessage response = await server.Http.SendAsync(request);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task Another_host_name_is_no_proof_of_being_here()
    {
        await using RunningServer server = await RunningServer.StartAsync(options => options.Auth.AllowAnonymousNetwork = true);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/documents/notes/recheck");
        request.Headers.Host = "evil.example";

        using HttpResponseMessage response = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_policy_that_the_application_defines_replaces_ours()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept, builder => builder.Services.AddAuthorization(
            options => options.AddPolicy(CoEditPolicies.DocumentRead, policy => policy
                .AddAuthenticationSchemes(CoEditPolicies.Scheme)
                .RequireAssertion(context => context.User.HasClaim("sub", "vip")))));
        await WriteAsync(server, "notes", "vip");

        using HttpResponseMessage vip = await SendAsync(server, "GET", "/api/v1/documents/notes", Tokens.Make("vip"));
        using HttpResponseMessage ada = await SendAsync(server, "GET", "/api/v1/documents/notes", Tokens.Make("ada", "read:*"));
        await using TestSocket socket = await server.ConnectAsync("notes",
            options => options.SetRequestHeader("Authorization", "Bearer " + Tokens.Make("ada", "write:*")));

        Assert.Equal(HttpStatusCode.OK, vip.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, ada.StatusCode);
        Assert.Equal(CloseCode.Forbidden, (await socket.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Health_is_for_everybody_but_names_of_documents_are_not()
    {
        await using RunningServer server = await RunningServer.StartAsync(Tokens.Accept);
        server.Services.GetRequiredService<RoomRegistry>().LoadFailed("secret plan", "broken");

        using HttpResponseMessage anybody = await SendAsync(server, "GET", "/healthz/ready", null);
        using HttpResponseMessage admin = await SendAsync(server, "GET", "/healthz/ready", Tokens.Admin("root"));

        string shown = await anybody.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        Assert.Contains("degraded", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret plan", shown, StringComparison.Ordinal);
        Assert.Contains("secret plan", await admin.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string TokenWith(string rights) => rights == "admin" ? Tokens.Admin("root") : Tokens.Make("ada", rights);

    private static async Task WriteAsync(RunningServer server, string document, string user = "writer")
    {
        await using TestSocket socket = await server.ConnectAsync(document,
            options => options.SetRequestHeader("Authorization", "Bearer " + Tokens.Make(user, "write:*")));
        await socket.SendUpdateAsync(Updates.Text(1, 0, "x"));
        await socket.SendAsync(Updates.SyncFrame(0, [0]));
        await socket.ReceiveAsync(FrameKind.SyncStep2);
        await server.Services.GetRequiredService<RoomRegistry>().ReadStateAsync(document, CancellationToken.None); // on disk
    }

    private static Task<HttpResponseMessage> SendAsync(RunningServer server, string method, string path, string? token)
    {
        var creation = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"http://{server.Address.Authority}{path}", creation));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return server.Http.SendAsync(request);
    }
}
