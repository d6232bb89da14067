namespace CoEdit.Server;

/// <summary>Section <c>CoEdit:Auth:Jwt</c>: what makes a token good, and which of its claims mean what.</summary>
/// <remarks>The names of the claims also hold for principals that another <see cref="IPeerAuthenticator"/> makes.</remarks>
public sealed class JwtSection
{
    /// <summary>
    /// What <c>iss</c> must be. Without it, tokens of <see cref="Authority"/> must name the authority, and those of <see cref="Keys"/> may
    /// name anybody: the key says who signed.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must be or contain.</summary>
    public string Audience { get; set; } = "coedit";

    /// <summary>Keys that are known in advance.</summary>
    public IList<JwtKeySection> Keys { get; } = [];

    /// <summary>Address of an OpenID provider (<c>https</c>, or <c>http</c> on this machine) whose published RS256 and ES256 keys are used.</summary>
    public string? Authority { get; set; }

    /// <summary>How far ahead the clock of whoever signs may be (<c>nbf</c>). <c>exp</c> is taken at its word. 0 to 10 minutes.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim that names the user for good; every token must have it.</summary>
    public string UserClaim { get; set; } = "sub";

    /// <summary>The claim with the name that others see when <see cref="AwarenessSection.StampUser"/> is on; without it, the user's id.</summary>
    public string NameClaim { get; set; } = "name";

    /// <summary>The claim with the rights in documents, see <c>docs/operations.md</c>.</summary>
    public string RightsClaim { get; set; } = "coedit";

    /// <summary>The claim that makes an administrator when it is <c>true</c>.</summary>
    public string AdminClaim { get; set; } = "coedit_admin";
}

/// <summary>One key of <c>CoEdit:Auth:Jwt:Keys</c>.</summary>
public sealed class JwtKeySection
{
    /// <summary>What a token's <c>kid</c> must be to mean this key; a token without <c>kid</c> is tried with every key of its algorithm.</summary>
    public string? Id { get; set; }

    /// <summary>The only algorithm that this key is used with.</summary>
    public JwtAlgorithm Algorithm { get; set; } = JwtAlgorithm.HS256;

    /// <summary>HS256: the secret in base 64, at least 32 bytes. RS256 and ES256: the public key as PEM.</summary>
    public string? Key { get; set; }

    /// <summary>A file with what <see cref="Key"/> would be.</summary>
    public string? KeyFile { get; set; }
}

/// <summary>The signature algorithms that are accepted (RFC 7518 §3).</summary>
public enum JwtAlgorithm
{
    /// <summary>HMAC with SHA-256; who can check can also sign.</summary>
    HS256,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 8192 bits.</summary>
    RS256,

    /// <summary>ECDSA on P-256 with SHA-256.</summary>
    ES256,
}
