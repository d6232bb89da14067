using System.Security.Cryptography;
using System.Text;

namespace CoEdit.Server.Tests;

/// <summary>Tokens that must not open anything, each with a word of the reason it is refused for.</summary>
internal static class BadTokens
{
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private const string Hs = """{"alg":"HS256","typ":"JWT"}""";
    private const string Begin = """{"sub":"ada","aud":"coedit","exp":4070908800,""";

    private static readonly string Good = Begin + """ "coedit":{"name":"notes","rights":"write"}}""";
    private static readonly string[] Segments = Tokens.Sign(Hs, Good).Split('.');
    private static readonly byte[] PublicPem = Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem());

    public static IReadOnlyDictionary<string, (string Token, string Reason)> Corpus { get; } = new Dictionary<string, (string, string)>
    {
        ["nothing"] = ("", "needed"),
        ["one word"] = ("password", "three segments"),
        ["two segments"] = ($"{Segments[0]}.{Segments[1]}", "three segments"),
        ["four segments"] = (string.Join('.', Segments) + ".AAAA", "three segments"),
        ["a JWE"] = (Tokens.Encode("""{"alg":"dir","enc":"A256GCM"}""") + "..AAAA.AAAA.AAAA", "three segments"),
        ["no signature"] = ($"{Segments[0]}.{Segments[1]}.", "three segments"),
        ["no payload"] = ($"{Segments[0]}..{Segments[2]}", "three segments"),
        ["one megabyte"] = ($"{new string('A', 1_000_000)}.{Segments[1]}.{Segments[2]}", "8 kB"),
        ["padding"] = ($"{Segments[0]}=.{Segments[1]}.{Segments[2]}", "base 64"),
        ["white space"] = ($" {Segments[0]}.{Segments[1]}.{Segments[2]}", "base 64"),
        ["the other alphabet"] = ($"{Segments[0]}.{Segments[1]}.+/+/", "base 64"),
        ["an impossible length"] = ($"{Segments[0]}.{Segments[1]}.AAAAA", "base 64"),
        ["a header that is no JSON"] = ($"AAAA.{Segments[1]}.{Segments[2]}", "header"),
        ["a header that is no object"] = (Tokens.Sign("[]", Good), "header"),
        ["a header nested too deep"] = (Tokens.Sign($$"""{"alg":"HS256","x":{{new string('[', 40)}}{{new string(']', 40)}}}""", Good), "header"),
        ["a lone surrogate in kid"] = (Tokens.Sign("""{"alg":"HS256","kid":"\ud800"}""", Good), "header"),
        ["alg none"] = (Tokens.Sign("""{"alg":"none"}""", Good), "algorithm"),
        ["alg nOnE"] = (Tokens.Sign("""{"alg":"nOnE"}""", Good), "algorithm"),
        ["alg in small letters"] = (Tokens.Sign("""{"alg":"hs256"}""", Good), "algorithm"),
        ["no alg"] = (Tokens.Sign("""{"typ":"JWT"}""", Good), "algorithm"),
        ["HS512"] = (Tokens.Sign("""{"alg":"HS512"}""", Good, bytes => HMACSHA512.HashData(Tokens.Secret, bytes)), "algorithm"),
        ["PS256"] = (Tokens.Sign("""{"alg":"PS256","kid":"rsa"}""", Good,
            bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)), "algorithm"),
        ["alg twice"] = (Tokens.Sign("""{"alg":"none","alg":"HS256"}""", Good), "well-formed"),
        ["crit"] = (Tokens.Sign("""{"alg":"HS256","crit":["exp"]}""", Good), "crit"),
        ["a kid that is a number"] = (Tokens.Sign("""{"alg":"HS256","kid":1}""", Good), "kid"),
        ["a kid that is a path"] = (Tokens.Sign("""{"alg":"HS256","kid":"../../x"}""", Good), "known here"),
        ["the kid of a key of another algorithm"] = (Tokens.Sign("""{"alg":"HS256","kid":"rsa"}""", Good), "known here"),
        ["the public RSA key as secret"] = (Tokens.Sign("""{"alg":"HS256","kid":"rsa"}""", Good,
            bytes => HMACSHA256.HashData(PublicPem, bytes)), "known here"),
        ["the public RSA key as secret, without kid"] = (Tokens.Sign(Hs, Good, bytes => HMACSHA256.HashData(PublicPem, bytes)), "known here"),
        ["another secret"] = (Tokens.Sign(Hs, Good, bytes => HMACSHA256.HashData(new byte[32], bytes)), "known here"),
        ["a changed payload"] = ($"{Segments[0]}.{Tokens.Encode(Good.Replace("ada", "bob", StringComparison.Ordinal))}.{Segments[2]}", "known here"),
        ["a cut signature"] = ($"{Segments[0]}.{Segments[1]}.{Segments[2][..20]}", "known here"),
        ["ES256 on another curve"] = (Tokens.Sign("""{"alg":"ES256","kid":"ec"}""", Good, SignOnP384), "known here"),
        ["ES256 with zeros"] = (Tokens.Sign("""{"alg":"ES256","kid":"ec"}""", Good, static _ => new byte[64]), "known here"),
        ["ES256 in the form of certificates"] = (Tokens.Sign("""{"alg":"ES256","kid":"ec"}""", Good,
            bytes => Ec.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)), "known here"),
        ["RS256 under the name of the EC key"] = (Tokens.Sign("""{"alg":"RS256","kid":"ec"}""", Good,
            bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), "known here"),
        ["a key in the header"] = (Tokens.Sign("""{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"},"jku":"https://evil.example"}""", Good,
            static bytes => HMACSHA256.HashData(new byte[3], bytes)), "known here"),
        ["an expired token"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit","exp":1767225599}"""), "expired"),
        ["a token that expires now"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit","exp":1767225600}"""), "expired"),
        ["no expiry"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit"}"""), "exp"),
        ["an expiry beyond the calendar"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit","exp":1e300}"""), "exp"),
        ["an expiry in milliseconds"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit","exp":4070908800000}"""), "exp"),
        ["an expiry that is text"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit","exp":"4070908800"}"""), "exp"),
        ["a negative expiry"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"coedit","exp":-1}"""), "exp"),
        ["not valid yet"] = (Tokens.Sign(Hs, Begin + "\"nbf\":1767225631}"), "not valid yet"),
        ["a beginning beyond the calendar"] = (Tokens.Sign(Hs, Begin + "\"nbf\":1e30}"), "nbf"),
        ["another audience"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":"other","exp":4070908800}"""), "audience"),
        ["other audiences"] = (Tokens.Sign(Hs, """{"sub":"ada","aud":["other",1],"exp":4070908800}"""), "audience"),
        ["no audience"] = (Tokens.Sign(Hs, """{"sub":"ada","exp":4070908800}"""), "audience"),
        ["no user"] = (Tokens.Sign(Hs, """{"aud":"coedit","exp":4070908800}"""), "sub"),
        ["a user that is a number"] = (Tokens.Sign(Hs, """{"sub":7,"aud":"coedit","exp":4070908800}"""), "sub"),
        ["a user without a name"] = (Tokens.Sign(Hs, """{"sub":"","aud":"coedit","exp":4070908800}"""), "sub"),
        ["a user with a very long name"] = (Tokens.Sign(Hs, $$"""{"sub":"{{new string('a', 257)}}","aud":"coedit","exp":4070908800}"""), "sub"),
        ["a claim twice"] = (Tokens.Sign(Hs, Begin + "\"sub\":\"bob\"}"), "well-formed"),
        ["a payload that is no object"] = (Tokens.Sign(Hs, "[]"), "well-formed"),
        ["a payload that is no JSON"] = (Tokens.Sign(Hs, "hello"), "well-formed"),
        ["rights that are a word"] = (Tokens.Sign(Hs, Begin + "\"coedit\":\"everything\"}"), "coedit"),
        ["rights of an unknown kind"] = (Tokens.Sign(Hs, Begin + "\"coedit\":[{\"name\":\"a\",\"rights\":\"own\"}]}"), "coedit"),
        ["rights by name and prefix"] = (Tokens.Sign(Hs, Begin + "\"coedit\":[{\"name\":\"a\",\"prefix\":\"a\",\"rights\":\"read\"}]}"), "coedit"),
    };

    private static byte[] SignOnP384(byte[] bytes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return key.SignData(bytes, HashAlgorithmName.SHA256);
    }
}
