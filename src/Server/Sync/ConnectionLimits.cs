using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Counts sockets: all of them, those of one address and those of one user. Thread-safe.</summary>
internal sealed class ConnectionLimits
{
    // What is left over serves the database, the page, and requests that are being refused.
    private const double ShareOfOpenFiles = 0.9;

    private readonly int _perAddress;
    private readonly int _perUser;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private int _count;

    public ConnectionLimits(IOptions<CoEditOptions> options)
    {
        LimitsSection limits = options.Value.Limits;
        _perAddress = limits.MaxConnectionsPerAddress;
        _perUser = limits.MaxConnectionsPerUser;
        Max = limits.MaxConnections > 0 ? limits.MaxConnections
            : OpenFileLimit.Read() is { } files ? Math.Max(1, (int)Math.Min(int.MaxValue, files * ShareOfOpenFiles))
            : int.MaxValue;
    }

    /// <summary>How many sockets there may be.</summary>
    public int Max { get; }

    /// <summary>True when it matters whose socket it is.</summary>
    public bool CountsUsers => _perUser > 0;

    /// <summary>Takes a place for a socket. Null: there is none, and <paramref name="refusal"/> says in one sentence why.</summary>
    public ConnectionPlace? TryEnter(IPAddress? address, string? user, [NotNullWhen(false)] out string? refusal)
    {
        IPAddress? network = _perAddress > 0 && address is not null ? NetworkOf(address) : null;
        lock (_gate)
        {
            refusal = _count >= Max ? "The server has as many connections as it may have."
                : network is not null && _addresses.GetValueOrDefault(network) >= _perAddress ? $"Your network has {_perAddress} connections, which is its limit."
                : !HasRoomFor(user) ? $"You have {_perUser} connections, which is your limit."
                : null;
            if (refusal is not null)
                return null;
            _count++;
            if (network is not null)
                _addresses[network] = _addresses.GetValueOrDefault(network) + 1;
            var place = new ConnectionPlace(this, network);
            AddUser(place, user);
            return place;
        }
    }

    /// <summary>Counts a socket for one more user, whom it named after it was opened. False: that user has too many.</summary>
    public bool TryAddUser(ConnectionPlace place, string? user)
    {
        if (_perUser == 0 || user is null)
            return true;
        lock (_gate)
        {
            if (place.Users.Contains(user))
                return true;
            if (!HasRoomFor(user))
                return false;
            AddUser(place, user);
            return true;
        }
    }

    public void Leave(ConnectionPlace place)
    {
        lock (_gate)
        {
            if (place.HasLeft)
                return;
            place.HasLeft = true;
            _count--;
            if (place.Network is not null)
                Decrement(_addresses, place.Network);
            foreach (string user in place.Users)
                Decrement(_users, user);
        }
    }

    /// <summary>Whom an address stands for: one IPv4 host, or an IPv6 /64, which is what one customer gets.</summary>
    internal static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private bool HasRoomFor(string? user) => _perUser == 0 || user is null || _users.GetValueOrDefault(user) < _perUser;

    private void AddUser(ConnectionPlace place, string? user)
    {
        if (_perUser == 0 || user is null)
            return;
        _users[user] = _users.GetValueOrDefault(user) + 1;
        place.Users = [.. place.Users, user];
    }

    private static void Decrement<T>(Dictionary<T, int> counts, T key)
        where T : notnull
    {
        if (--counts[key] == 0)
            counts.Remove(key);
    }
}

/// <summary>A socket's place among those that may be open; disposing gives it back.</summary>
internal sealed class ConnectionPlace(ConnectionLimits limits, IPAddress? network) : IDisposable
{
    public IPAddress? Network { get; } = network;

    /// <summary>The users it counts for; guarded by the lock of the limits, like <see cref="HasLeft"/>.</summary>
    public string[] Users { get; set; } = [];

    public bool HasLeft { get; set; }

    /// <summary>Counts the socket for this user too. False: the user has too many. Any thread.</summary>
    public bool TryAddUser(string? user) => limits.TryAddUser(this, user);

    public void Dispose() => limits.Leave(this);
}
