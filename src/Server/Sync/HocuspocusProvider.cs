using System.Globalization;

namespace CoEdit.Server;

/// <summary>What is known of the program at the other end, by how it proved who it is. Providers before 4 do not name their version.</summary>
internal readonly record struct HocuspocusProvider(bool KnowsClose, bool KnowsPing)
{
    /// <param name="token">The token, null when none was sent.</param>
    /// <param name="version">The version in the authentication message, null when there was none.</param>
    public static HocuspocusProvider Of(string? token, string? version)
    {
        // Provider 2 authenticates only with a token; so an empty one means a later provider.
        int dot = version?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        bool known = int.TryParse(dot < 0 ? version : version![..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int major);
        return new HocuspocusProvider(KnowsClose: known ? major >= 3 : token is { Length: 0 }, KnowsPing: known && major >= 4);
    }
}
