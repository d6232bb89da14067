using System.Net.WebSockets;
using CoEdit.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoEdit.Server.Tests;

/// <summary>CoEdit embedded in an application on Kestrel, on a port of its own, with a database in a folder of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;

    private RunningServer(DirectoryInfo folder, WebApplication app)
    {
        _folder = folder;
        _app = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningServer> StartAsync(Action<CoEditOptions>? configure = null, Action<WebApplicationBuilder>? build = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("coedit-test-");
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("CoEdit:Storage:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "test.db")}")]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        build?.Invoke(builder);
        builder.Services.AddCoEdit(configure);
        WebApplication app = builder.Build();
        app.UseStatusCodePages();
        app.UseHostGuard();
        app.MapCoEdit("/ws/{**document}");
        app.MapCoEditHocuspocus("/hocuspocus");
        app.MapCoEditApi();
        app.MapCoEditMetrics();
        app.MapCoEditHealth();
        await app.StartAsync();
        return new RunningServer(folder, app);
    }

    /// <summary>Opens a socket to the raw (already encoded) <paramref name="name"/>.</summary>
    public async Task<TestSocket> ConnectAsync(string name, Action<ClientWebSocketOptions>? options = null)
    {
        var socket = new ClientWebSocket();
        options?.Invoke(socket.Options);
        var creation = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        await socket.ConnectAsync(new Uri($"ws://{Address.Authority}/ws/{name}", creation), CancellationToken.None);
        return new TestSocket(socket);
    }

    /// <summary>Stops the server as a signal would.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Opens a Hocuspocus socket.</summary>
    public async Task<TestSocket> ConnectHocuspocusAsync(string rest = "")
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{Address.Authority}/hocuspocus{rest}"), CancellationToken.None);
        return new TestSocket(socket);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A WebSocket client that reads whole messages and notes how the socket ended.</summary>
internal sealed class TestSocket(ClientWebSocket socket) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly byte[] _buffer = new byte[64 * 1024];

    public ClientWebSocket Socket { get; } = socket;

    public Task SendAsync(byte[] frame, WebSocketMessageType type = WebSocketMessageType.Binary, bool endOfMessage = true) =>
        Socket.SendAsync(frame, type, endOfMessage, CancellationToken.None);

    public Task SendUpdateAsync(byte[] update) => SendAsync(Updates.SyncFrame(2, update));

    /// <summary>The next whole message; null when the server closed the socket.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var message = new MemoryStream();
        while (true)
        {
            WebSocketReceiveResult piece = await Socket.ReceiveAsync(_buffer, deadline.Token);
            if (piece.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(_buffer, 0, piece.Count);
            if (piece.EndOfMessage)
                return message.ToArray();
        }
    }

    /// <summary>The next message of this kind; others are passed over.</summary>
    public async Task<byte[]> ReceiveAsync(FrameKind kind)
    {
        while (true)
        {
            byte[]? frame = await ReceiveAsync();
            Assert.NotNull(frame);
            if (YWebSocketFrame.Read(frame).Kind == kind)
                return YWebSocketFrame.Read(frame).Payload.ToArray();
        }
    }

    /// <summary>The next message, which must begin with these bytes (hexadecimal, spaces allowed).</summary>
    public async Task<byte[]> ExpectAsync(string hex)
    {
        byte[]? frame = await ReceiveAsync();
        Assert.NotNull(frame);
        string expected = hex.Replace(" ", "", StringComparison.Ordinal);
        Assert.StartsWith(expected, Convert.ToHexStringLower(frame), StringComparison.Ordinal);
        return frame;
    }

    public Task SendAsync(string hex) => SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    /// <summary>Reads on until the server closes, and returns code and reason.</summary>
    public async Task<(int Code, string? Reason)> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }

        (int, string?) close = ((int)Socket.CloseStatus!, Socket.CloseStatusDescription);
        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        return close;
    }

    public ValueTask DisposeAsync()
    {
        Socket.Abort();
        Socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
