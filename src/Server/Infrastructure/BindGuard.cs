using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Keeps a server that lets everybody in from being reachable by everybody (decided before and checked after binding).</summary>
internal sealed partial class BindGuard(IConfiguration configuration, IOptions<CoEditOptions> options, ILogger<BindGuard> logger)
{
    /// <summary>Looks at the configured addresses.</summary>
    /// <exception cref="StartRefusedException">One of them is reachable from other machines and nobody allowed that.</exception>
    public void CheckConfigured()
    {
        var addresses = new List<string>();
        Add("urls");
        foreach (IConfigurationSection endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
            addresses.Add(endpoint["Url"] ?? "");
        if (addresses.Count == 0)
        {
            AddPorts("http_ports");
            AddPorts("https_ports");
        }

        Check(addresses);

        void Add(string key) =>
            addresses.AddRange((configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

        void AddPorts(string key)
        {
            if (!string.IsNullOrEmpty(configuration[key]))
                addresses.Add("http://*");
        }
    }

    /// <summary>Looks at the addresses that the server really listens on.</summary>
    /// <exception cref="StartRefusedException">One of them is reachable from other machines and nobody allowed that.</exception>
    public void CheckBound(IServer server) => Check(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);

    private void Check(IEnumerable<string> addresses)
    {
        AuthSection auth = options.Value.Auth;
        if (auth.Mode != AuthMode.None)
            return;
        foreach (string address in addresses)
        {
            if (IsLoopback(address))
                continue;
            if (!auth.AllowAnonymousNetwork)
            {
                throw new StartRefusedException(
                    $"CoEdit:Auth:Mode=None lets everybody in, and {address} can be reached from other machines. "
                    + "Bind to localhost, or set CoEdit:Auth:AllowAnonymousNetwork=true if that is what you want.");
            }

            LogAnonymousNetwork(address);
        }
    }

    private static bool IsLoopback(string address)
    {
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(address);
        }
        catch (FormatException exception)
        {
            throw new StartRefusedException($"The address \"{address}\" in urls is not valid: {exception.Message}");
        }

        if (binding.IsUnixPipe || binding.IsNamedPipe)
            return true;
        string host = binding.Host.Trim('[', ']');
        return string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }

    [LoggerMessage(EventIds.AnonymousNetwork, LogLevel.Warning,
        "Everybody who can reach {Address} may read and write every document (CoEdit:Auth:AllowAnonymousNetwork).")]
    private partial void LogAnonymousNetwork(LogText address);
}
