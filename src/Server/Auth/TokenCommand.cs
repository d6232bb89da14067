using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CoEdit.Server;

/// <summary>
/// <c>CoEdit.Server token --user ada --document notes --rights write</c>: makes a development token, signed with the configured HS256 key.
/// </summary>
/// <remarks>The token, and nothing else, goes to the output, so that a shell can catch it; explanations go to the error stream.</remarks>
internal static class TokenCommand
{
    private const int DefaultMinutes = 60;
    private const int MaxMinutes = 24 * 60;

    private const string Usage = """
        Usage: token --user NAME [--document NAME]... [--prefix TEXT]... [--rights read|write] [--admin] [--minutes N] [--CoEdit:…=VALUE]...
          --user      the user's id (claim sub) and displayed name
          --document  a document that the token is for; may be repeated
          --prefix    all documents whose name begins with this; may be repeated, "" means every document
          --rights    what it allows in them: read or write (default write)
          --admin     also makes the user an administrator
          --minutes   how long it is good, 1 to 1440 (default 60)
        """;

    /// <summary>Runs the command. Returns the exit code.</summary>
    public static int Run(IReadOnlyList<string> arguments, IConfiguration configuration, TimeProvider time, TextWriter output, TextWriter error)
    {
        try
        {
            Request request = Parse(arguments);
            var auth = new AuthSection();
            configuration.GetSection($"{CoEditOptions.Section}:Auth").Bind(auth);
            JwtKeySection? key = auth.Jwt.Keys.FirstOrDefault(static key => key.Algorithm == JwtAlgorithm.HS256);
            if (key is null)
            {
                if (auth.Jwt.Keys.Count > 0 || auth.Jwt.Authority is not null)
                    throw new FormatException("There is no HS256 key in CoEdit:Auth:Jwt:Keys; tokens of other keys are made by whoever holds the private key.");
                key = new JwtKeySection { Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) };
                Explain(key.Key, error);
            }

            output.WriteLine(Make(request, auth.Jwt, key, time.GetUtcNow()));
            if (auth.Mode != AuthMode.Jwt && auth.Jwt.Keys.Count > 0)
                error.WriteLine("Note: CoEdit:Auth:Mode is not Jwt here; a server with this configuration asks for no token.");
            return 0;
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            error.WriteLine(exception.Message);
            error.WriteLine(Usage);
            return 1;
        }
    }

    /// <summary>Arguments that are for the configuration, not for this command.</summary>
    public static string[] ConfigurationArguments(IEnumerable<string> arguments) =>
        [.. arguments.Where(static argument => argument.StartsWith($"--{CoEditOptions.Section}:", StringComparison.OrdinalIgnoreCase))];

    private static void Explain(string key, TextWriter error) => error.WriteLine($"""
        No key is configured, so the token is signed with a new one. Start a server that takes it with:

          CoEdit__Auth__Mode=Jwt CoEdit__Auth__Jwt__Keys__0__Key={key} dotnet run --project src/Server

        Set the same two variables for this command, and further tokens are signed with the same key.
        """);

    private static Request Parse(IReadOnlyList<string> arguments)
    {
        var request = new Request();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (ConfigurationArguments([argument]).Length > 0)
                continue;
            string name = argument;
            string? value = null;
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                name = argument[..equals];
                value = argument[(equals + 1)..];
            }

            if (name == "--admin" && value is null)
            {
                request.IsAdmin = true;
                continue;
            }

            if (value is null && ++i < arguments.Count)
                value = arguments[i];
            if (value is null)
                throw new FormatException($"{name} needs a value.");
            Set(request, name, value);
        }

        if (request.User.Length == 0)
            throw new FormatException("--user is missing.");
        if (request.Grants.Count == 0 && !request.IsAdmin)
            throw new FormatException("The token would allow nothing: --document, --prefix or --admin is missing.");
        return request;
    }

    private static void Set(Request request, string name, string value)
    {
        switch (name)
        {
            case "--user":
                request.User = value;
                break;
            case "--document":
                request.Grants.Add(("name", value));
                break;
            case "--prefix":
                request.Grants.Add(("prefix", value));
                break;
            case "--rights" when value is "read" or "write":
                request.Rights = value;
                break;
            case "--rights":
                throw new FormatException("--rights must be read or write.");
            case "--minutes" when int.TryParse(value, CultureInfo.InvariantCulture, out int minutes) && minutes is >= 1 and <= MaxMinutes:
                request.Minutes = minutes;
                break;
            case "--minutes":
                throw new FormatException($"--minutes must lie between 1 and {MaxMinutes}.");
            default:
                throw new FormatException($"There is no option {name}.");
        }
    }

    private static string Make(Request request, JwtSection jwt, JwtKeySection key, DateTimeOffset now)
    {
        byte[] secret;
        try
        {
            secret = SigningKey.ReadSecret(SigningKey.ReadText(key));
        }
        catch (FormatException exception)
        {
            throw new FormatException($"The HS256 key in CoEdit:Auth:Jwt:Keys {exception.Message}.");
        }

        var claims = new Dictionary<string, object>
        {
            [jwt.UserClaim] = request.User,
            ["aud"] = jwt.Audience,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(request.Minutes).ToUnixTimeSeconds(),
            [jwt.RightsClaim] = request.Grants.Select(grant => new Dictionary<string, string> { [grant.Kind] = grant.Name, ["rights"] = request.Rights }),
        };
        claims.TryAdd(jwt.NameClaim, request.User);
        if (jwt.Issuer is not null)
            claims["iss"] = jwt.Issuer;
        if (request.IsAdmin)
            claims[jwt.AdminClaim] = true;
        var header = new Dictionary<string, string> { ["alg"] = "HS256", ["typ"] = "JWT" };
        if (key.Id is not null)
            header["kid"] = key.Id;

        string signed = Encode(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Encode(JsonSerializer.SerializeToUtf8Bytes(claims));
        return signed + "." + Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private sealed class Request
    {
        public string User { get; set; } = "";

        public List<(string Kind, string Name)> Grants { get; } = [];

        public string Rights { get; set; } = "write";

        public bool IsAdmin { get; set; }

        public int Minutes { get; set; } = DefaultMinutes;
    }
}
