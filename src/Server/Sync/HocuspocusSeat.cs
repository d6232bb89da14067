using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using CoEdit.Protocol;

namespace CoEdit.Server;

/// <summary>One address of a Hocuspocus socket, from its first message on: what waits for it, and its peer once it is let in.</summary>
/// <remarks>Everything that can change is guarded by the lock of the connection, but <see cref="Provider"/>, which is set before the peer is.</remarks>
/// <param name="address">The address, without its length.</param>
/// <param name="closed">Told, on any thread, when the room has ended the peer's part.</param>
internal sealed class HocuspocusSeat(byte[] address, Action<HocuspocusPeer> closed)
{
    public byte[] Address { get; } = address;

    /// <summary>The address as it stands before every message.</summary>
    public byte[] Prefix { get; } = HocuspocusProtocol.Prefix(address);

    public HocuspocusProvider Provider { get; set; }

    /// <summary>Messages that wait: for proof of who sends them, or for <see cref="Pump"/>.</summary>
    public LinkedList<byte[]> Waiting { get; } = new();

    /// <summary>Handles what waits, one message at a time; null while messages are handled as they come.</summary>
    public Task? Pump { get; set; }

    /// <summary>Null while the address is not let into its document.</summary>
    public HocuspocusPeer? Peer { get; set; }

    /// <summary>Refused or closed: messages are dropped until the client tries anew to get in.</summary>
    public bool IsDenied { get; set; }

    /// <summary>The document's name, or in one sentence why it is none.</summary>
    public bool TryGetName([NotNullWhen(true)] out string? name, out string error)
    {
        name = null;
        ReadOnlySpan<byte> utf8 = HocuspocusFrame.NameIn(Address);
        if (!Utf8.IsValid(utf8))
        {
            error = "The document name is not valid UTF-8.";
            return false;
        }

        string text = Encoding.UTF8.GetString(utf8);
        error = "The document name is blank.";
        if (string.IsNullOrWhiteSpace(text) || !DocumentName.TryValidate(text, out error))
            return false;
        name = text;
        return true;
    }

    /// <summary>The message that ends the client's part in this document, in the form that it understands.</summary>
    public byte[] Farewell(string reason) => Provider.KnowsClose
        ? HocuspocusProtocol.Close(Prefix, reason)
        : HocuspocusProtocol.PermissionDenied(Prefix, reason);

    public void OnClosed(HocuspocusPeer peer) => closed(peer);
}

/// <summary>Compares addresses bytewise and lets a table be asked with a slice of a message.</summary>
internal sealed class AddressComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static AddressComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    // HashCode is seeded per process, so addresses cannot be chosen to collide.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        HashCode hash = default;
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
