using System.Security.Cryptography;

namespace CoEdit.Server;

/// <summary>A key that checks signatures of one algorithm. The key, never the token, says which (RFC 8725 §3.1).</summary>
/// <param name="algorithm">The only algorithm it is used with.</param>
/// <param name="id">What a token's <c>kid</c> must be; null: the key has none.</param>
/// <param name="issuer">What <c>iss</c> of a token signed with it must be; null: anything.</param>
internal abstract class SigningKey(string? id, JwtAlgorithm algorithm, string? issuer)
{
    private const int MinSecretBytes = 32;

    public string? Id { get; } = id;

    public JwtAlgorithm Algorithm { get; } = algorithm;

    public string? Issuer { get; } = issuer;

    /// <summary>True when <paramref name="signature"/> is this key's over <paramref name="signed"/>. Any thread.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    /// <summary>True when a token with this header may be signed with this key.</summary>
    public bool Fits(JwtAlgorithm algorithm, string? keyId) =>
        algorithm == Algorithm && (keyId is null || string.Equals(keyId, Id, StringComparison.Ordinal));

    /// <summary>Reads a configured key.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong, without the key.</exception>
    public static SigningKey From(JwtKeySection section, string? issuer)
    {
        string text = ReadText(section);
        return section.Algorithm switch
        {
            JwtAlgorithm.HS256 => new Hs256Key(section.Id, ReadSecret(text), issuer),
            JwtAlgorithm.RS256 => new Rs256Key(section.Id, ReadPem(RSA.Create(), text, "RSA"), issuer),
            JwtAlgorithm.ES256 => new Es256Key(section.Id, ReadPem(ECDsa.Create(), text, "EC"), issuer),
            _ => throw new FormatException("has an Algorithm that is not HS256, RS256 or ES256"),
        };
    }

    /// <summary>The bytes of an HS256 secret in base 64.</summary>
    /// <exception cref="FormatException">It is no base 64 or too short.</exception>
    public static byte[] ReadSecret(string text)
    {
        byte[] secret;
        try
        {
            secret = Convert.FromBase64String(text.Trim());
        }
        catch (FormatException)
        {
            throw new FormatException("has a Key that is not base 64; an HS256 secret is written in base 64");
        }

        return secret.Length >= MinSecretBytes
            ? secret
            : throw new FormatException($"has an HS256 secret of {secret.Length} bytes; {MinSecretBytes} are needed");
    }

    /// <summary>The text of a configured key, from the configuration or its file.</summary>
    /// <exception cref="FormatException">There is none, or the file cannot be read.</exception>
    public static string ReadText(JwtKeySection section)
    {
        if (string.IsNullOrWhiteSpace(section.Key) == string.IsNullOrWhiteSpace(section.KeyFile))
            throw new FormatException("needs either Key or KeyFile");
        if (!string.IsNullOrWhiteSpace(section.Key))
            return section.Key;
        try
        {
            return File.ReadAllText(section.KeyFile!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"names a KeyFile that cannot be read ({exception.Message.TrimEnd('.')})");
        }
    }

    private static T ReadPem<T>(T key, string pem, string kind)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FormatException($"is not an {kind} key in PEM form");
        }
    }
}

/// <summary>A shared secret.</summary>
internal sealed class Hs256Key(string? id, byte[] secret, string? issuer) : SigningKey(id, JwtAlgorithm.HS256, issuer)
{
    public override bool Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, signed, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}

/// <summary>A public RSA key.</summary>
internal sealed class Rs256Key : SigningKey
{
    private readonly RSA _key;
    private readonly Lock _gate = new(); // instances are not promised to be thread-safe

    /// <exception cref="FormatException">The key is shorter than 2048 or longer than 8192 bits.</exception>
    public Rs256Key(string? id, RSA key, string? issuer)
        : base(id, JwtAlgorithm.RS256, issuer)
    {
        _key = key;
        if (key.KeySize is < 2048 or > 8192)
            throw new FormatException($"is an RSA key of {key.KeySize} bits; 2048 to 8192 are accepted");
    }

    public override bool Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        lock (_gate)
            return _key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}

/// <summary>A public key on the curve P-256.</summary>
internal sealed class Es256Key : SigningKey
{
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly ECDsa _key;
    private readonly Lock _gate = new(); // instances are not promised to be thread-safe

    /// <exception cref="FormatException">The key lies on another curve.</exception>
    public Es256Key(string? id, ECDsa key, string? issuer)
        : base(id, JwtAlgorithm.ES256, issuer)
    {
        _key = key;
        if (key.KeySize != 256 || !IsP256(key))
            throw new FormatException("is not a key on the curve P-256, which ES256 means");
    }

    public override bool Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        lock (_gate)
            return _key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static bool IsP256(ECDsa key)
    {
        Oid curve = key.ExportParameters(includePrivateParameters: false).Curve.Oid;
        return curve.Value == P256 || curve.FriendlyName is "nistP256" or "ECDSA_P256";
    }
}
