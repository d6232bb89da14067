using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CoEdit.Server;

/// <summary>Registers who may do what. Whatever the application has registered or defines itself stays.</summary>
internal static class AuthServices
{
    /// <summary>Answers of an identity provider are small.</summary>
    private const int MaxProviderAnswerBytes = 256 * 1024;

    public static void AddCoEditAuth(this IServiceCollection services)
    {
        TokenShield.Raise(services);
        services.AddHttpClient(OpenIdKeys.Client, static client => client.MaxResponseContentBufferSize = MaxProviderAnswerBytes)
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        services.AddSingleton<OpenIdKeys>();
        services.AddSingleton<JwtAuthenticator>();
        services.TryAddSingleton<IPeerAuthenticator, DefaultPeerAuthenticator>();
        services.TryAddSingleton<IDocumentAuthorizer, ClaimsDocumentAuthorizer>();
        services.AddSingleton<RequestAuthentication>();
        services.AddSingleton<DocumentAccess>();
        services.AddSingleton<Gatekeeper>();

        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, CoEditAuthenticationHandler>(CoEditPolicies.Scheme, configureOptions: null);
        services.AddAuthorization();
        services.AddScoped<IAuthorizationHandler, DocumentRequirementHandler>();
        services.AddSingleton<IAuthorizationHandler, AdminRequirementHandler>();
        services.PostConfigure<AuthorizationOptions>(static options =>
        {
            AddPolicy(options, CoEditPolicies.DocumentRead, new DocumentRequirement(DocumentRights.Read));
            AddPolicy(options, CoEditPolicies.DocumentWrite, new DocumentRequirement(DocumentRights.Write));
            AddPolicy(options, CoEditPolicies.ServerAdmin, new AdminRequirement());
        });
    }

    /// <summary>
    /// Gives every endpoint that names none of our policies the one of its method: reading for <c>GET</c> and <c>HEAD</c>, writing for all others.
    /// What an application requires besides counts as well, not instead.
    /// </summary>
    public static void RequireDocumentRights(this IEndpointConventionBuilder endpoints) => endpoints.Finally(static endpoint =>
    {
        if (endpoint.Metadata.Any(static metadata => metadata is IAllowAnonymous
            or IAuthorizeData { Policy: CoEditPolicies.DocumentRead or CoEditPolicies.DocumentWrite or CoEditPolicies.ServerAdmin }))
        {
            return;
        }

        IReadOnlyList<string> methods = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [];
        bool reads = methods.Count > 0 && methods.All(static method => HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
        endpoint.Metadata.Add(new AuthorizeAttribute(reads ? CoEditPolicies.DocumentRead : CoEditPolicies.DocumentWrite));
    });

    private static void AddPolicy(AuthorizationOptions options, string name, IAuthorizationRequirement requirement)
    {
        if (options.GetPolicy(name) is not null)
            return;
        options.AddPolicy(name, policy => policy
            .AddAuthenticationSchemes(CoEditPolicies.Scheme)
            .RequireAuthenticatedUser()
            .AddRequirements(requirement));
    }
}
