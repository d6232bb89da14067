namespace CoEdit.Load;

/// <summary>What there is to choose from.</summary>
internal static class Catalog
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
        [new Saturation(), new ManyRooms(), new FanOut(), new AwarenessStorm(), new Idle(), new ColdOpen(), new KillNine()];

    /// <exception cref="UsageException">There is no such scenario.</exception>
    public static Scenario Scenario(string name) =>
        Scenarios.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new UsageException($"There is no scenario {name}; there are {string.Join(", ", Scenarios.Select(static scenario => scenario.Name))}.");

    /// <summary>The named servers, or without names all that are installed.</summary>
    /// <exception cref="UsageException">There is no such server or protocol, or its packages are missing.</exception>
    public static IReadOnlyList<ServerKind> Servers(string? names, string? protocol)
    {
        ServerKind coEdit = protocol switch
        {
            null or "y-websocket" => ServerKind.CoEdit,
            "hocuspocus" => ServerKind.CoEditHocuspocus,
            _ => throw new UsageException($"There is no protocol {protocol}; there are y-websocket and hocuspocus."),
        };
        ServerKind[] all = [coEdit, ServerKind.YWebSocket, ServerKind.Hocuspocus, ServerKind.Kestrel, ServerKind.KestrelSingle];
        if (names is null)
            return [.. all.Where(static kind => kind.IsInstalled)];
        return [.. names.Split(',').Select(name =>
        {
            ServerKind kind = all.FirstOrDefault(kind => kind.Name == name || (kind == coEdit && name == ServerKind.CoEdit.Name))
                ?? throw new UsageException($"There is no server {name}; there are {string.Join(", ", all.Select(static kind => kind.Name))}.");
            return kind.IsInstalled ? kind : throw new UsageException($"{name} is not installed: npm ci --prefix benchmarks/servers");
        })];
    }
}
