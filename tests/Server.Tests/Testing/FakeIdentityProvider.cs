using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;

namespace CoEdit.Server.Tests;

/// <summary>An OpenID provider without a network: its configuration, one key under a name that can change, and its tokens.</summary>
internal sealed class FakeIdentityProvider : HttpMessageHandler, IHttpClientFactory
{
    public const string Issuer = "https://id.example";

    private readonly RSA _key = RSA.Create(2048);

    public string Configuration { get; set; } = $$"""{"issuer":"{{Issuer}}","jwks_uri":"{{Issuer}}/keys"}""";

    public string KeyId { get; set; } = "one";

    public bool IsAway { get; set; }

    public int Requests { get; private set; }

    public int KeyRequests { get; private set; }

    public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

    public string Token(string keyId, string issuer = Issuer) => Tokens.Sign(
        $$"""{"alg":"RS256","kid":"{{keyId}}"}""",
        $$"""{"sub":"ada","aud":"coedit","exp":4070908800,"iss":"{{issuer}}"}""",
        bytes => _key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        if (IsAway)
            return Task.FromException<HttpResponseMessage>(new HttpRequestException("There is nobody at this address."));
        string body = Configuration;
        if (request.RequestUri?.AbsolutePath == "/keys")
        {
            KeyRequests++;
            RSAParameters key = _key.ExportParameters(includePrivateParameters: false);
            body = $$"""
                {"keys":[
                  {"kty":"oct","kid":"secret","k":"AAAA"},
                  {"kty":"EC","kid":"broken","crv":"P-256","x":"AA","y":"AA"},
                  {"kty":"RSA","kid":"for encryption","use":"enc","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"AQAB"},
                  {"kty":"RSA","kid":"{{KeyId}}","use":"sig","alg":"RS256","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}
                ]}
                """;
        }

        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });
    }

    protected override void Dispose(bool disposing)
    {
        _key.Dispose();
        base.Dispose(disposing);
    }
}
