using Microsoft.AspNetCore.Authorization;

namespace CoEdit.Server;

/// <summary>
/// Names of the authentication scheme and the authorization policies. An application that defines a policy of the same name replaces it.
/// </summary>
public static class CoEditPolicies
{
    /// <summary>The authentication scheme.</summary>
    public const string Scheme = "CoEdit";

    /// <summary>May read the <see cref="DocumentResource"/> (or the document that an HTTP request names).</summary>
    public const string DocumentRead = "document:read";

    /// <summary>May change the <see cref="DocumentResource"/> (or the document that an HTTP request names).</summary>
    public const string DocumentWrite = "document:write";

    /// <summary>May see and do what concerns the server as a whole.</summary>
    public const string ServerAdmin = "server:admin";
}

/// <summary>The resource of the policies for documents.</summary>
/// <param name="Name">The document's decoded name.</param>
public sealed record DocumentResource(string Name);

/// <summary>Requires rights in the document that is the resource.</summary>
/// <param name="rights">What is needed at least.</param>
public sealed class DocumentRequirement(DocumentRights rights) : IAuthorizationRequirement
{
    /// <summary>What is needed at least.</summary>
    public DocumentRights Rights { get; } = rights;
}

/// <summary>Requires the claim that makes an administrator (<c>CoEdit:Auth:Jwt:AdminClaim</c>).</summary>
public sealed class AdminRequirement : IAuthorizationRequirement;
