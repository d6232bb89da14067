using System.Diagnostics;
using System.Globalization;

namespace CoEdit.Load;

/// <summary>A server that can be measured, and how it is started.</summary>
internal sealed record ServerKind
{
    public static readonly ServerKind CoEdit = new()
    {
        Name = "coedit",
        Dialect = Dialect.YWebSocket,
        Path = "/ws/{0}",
        IsAcknowledging = true,
        IsDurable = true,
        Command = static (port, _) => DotNet(Repository.CoEditServer, "--urls", $"http://127.0.0.1:{port}"),
    };

    public static readonly ServerKind CoEditHocuspocus = CoEdit with { Name = "coedit-hocuspocus", Dialect = Dialect.Hocuspocus, Path = "/hocuspocus" };

    public static readonly ServerKind YWebSocket = new()
    {
        Name = "y-websocket",
        Dialect = Dialect.YWebSocket,
        Path = "/{0}",
        NeedsPackages = true,
        Command = static (port, data) =>
        {
            ProcessStartInfo start = Node("node_modules/y-websocket/bin/server.cjs");
            start.Environment["HOST"] = "127.0.0.1";
            start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
            start.Environment["YPERSISTENCE"] = System.IO.Path.Combine(data, "leveldb");
            return start;
        },
    };

    public static readonly ServerKind Hocuspocus = new()
    {
        Name = "hocuspocus",
        Dialect = Dialect.Hocuspocus,
        Path = "/",
        NeedsPackages = true,
        IsAcknowledging = true,
        Command = static (port, data) =>
            Node("hocuspocus.mjs", port.ToString(CultureInfo.InvariantCulture), System.IO.Path.Combine(data, "hocuspocus.sqlite")),
    };

    /// <summary>No documents, no storage: what Kestrel and a list of sockets can do, all waiting frames in one write.</summary>
    public static readonly ServerKind Kestrel = new()
    {
        Name = "kestrel",
        Dialect = Dialect.Broadcast,
        Path = "/ws/{0}",
        Command = static (port, _) => DotNet(Repository.Self, BroadcastServer.Switch, port.ToString(CultureInfo.InvariantCulture), "joined"),
    };

    /// <summary>The same with one write per frame, as ASP.NET Core's middleware does it.</summary>
    public static readonly ServerKind KestrelSingle = Kestrel with
    {
        Name = "kestrel-single",
        Command = static (port, _) => DotNet(Repository.Self, BroadcastServer.Switch, port.ToString(CultureInfo.InvariantCulture), "single"),
    };

    public static IReadOnlyList<ServerKind> All { get; } = [CoEdit, CoEditHocuspocus, YWebSocket, Hocuspocus, Kestrel, KestrelSingle];

    public required string Name { get; init; }

    public required Dialect Dialect { get; init; }

    /// <summary>Where a document is, as a format of its name.</summary>
    public required string Path { get; init; }

    /// <summary>Tells a client that an update was taken.</summary>
    public bool IsAcknowledging { get; init; }

    /// <summary>Promises with an acknowledgement that the update survives a crash.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Needs <c>npm ci</c> in benchmarks/servers.</summary>
    public bool NeedsPackages { get; init; }

    /// <summary>Port and data folder to the process that serves there.</summary>
    public required Func<int, string, ProcessStartInfo> Command { get; init; }

    public bool IsInstalled => !NeedsPackages || Directory.Exists(System.IO.Path.Combine(Repository.Servers, "node_modules"));

    public string Target(string room) => string.Format(CultureInfo.InvariantCulture, Path, room);

    private static ProcessStartInfo DotNet(params string[] arguments) => new("dotnet", arguments);

    private static ProcessStartInfo Node(string script, params string[] arguments) =>
        new("node", [System.IO.Path.Combine(Repository.Servers, script), .. arguments]);
}
