using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CoEdit.Server.Tests;

/// <summary>Makes tokens, good and bad.</summary>
internal static class Tokens
{
    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];

    public static readonly DateTimeOffset Never = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string SecretText => Convert.ToBase64String(Secret);

    /// <summary>Lets a server take tokens signed with <see cref="Secret"/>.</summary>
    public static void Accept(CoEditOptions options)
    {
        options.Auth.Mode = AuthMode.Jwt;
        options.Auth.Jwt.Keys.Add(new JwtKeySection { Key = SecretText });
    }

    /// <summary>A good token with these rights, such as <c>write:notes</c> or <c>read:team/*</c>.</summary>
    public static string Make(string user, DateTimeOffset expires, params string[] rights) =>
        Sign("""{"alg":"HS256","typ":"JWT"}""", Payload(user, expires, rights));

    public static string Make(string user, params string[] rights) => Make(user, Never, rights);

    public static string Admin(string user) => Sign("""{"alg":"HS256"}""",
        $$"""{"sub":"{{user}}","aud":"coedit","exp":{{Seconds(Never)}},"coedit_admin":true}""");

    public static string Payload(string user, DateTimeOffset expires, params string[] rights) => JsonSerializer.Serialize(new
    {
        sub = user,
        name = "Name of " + user,
        aud = "coedit",
        exp = expires.ToUnixTimeMilliseconds() / 1000.0,
        coedit = rights.Select(Grant),
    });

    public static string Sign(string header, string payload, Func<byte[], byte[]>? sign = null)
    {
        string signed = Encode(header) + "." + Encode(payload);
        sign ??= bytes => HMACSHA256.HashData(Secret, bytes);
        return signed + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)));
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Grant(string right)
    {
        string[] parts = right.Split(':', 2);
        return parts[1].EndsWith('*')
            ? new() { ["prefix"] = parts[1][..^1], ["rights"] = parts[0] }
            : new() { ["name"] = parts[1], ["rights"] = parts[0] };
    }
}
