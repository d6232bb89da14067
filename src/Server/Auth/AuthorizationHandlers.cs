using System.Security.Claims;
using CoEdit.Protocol;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Reads rights from the principal's claims (<c>CoEdit:Auth:Jwt:RightsClaim</c>).</summary>
internal sealed class ClaimsDocumentAuthorizer(IOptions<CoEditOptions> options) : IDocumentAuthorizer
{
    public ValueTask<DocumentRights> GetRightsAsync(ClaimsPrincipal principal, string document, CancellationToken cancellationToken) =>
        ValueTask.FromResult(DocumentGrants.Of(principal, options.Value.Auth.Jwt.RightsClaim).For(document));
}

/// <summary>Lets the <see cref="IDocumentAuthorizer"/> decide about a document.</summary>
internal sealed class DocumentRequirementHandler(IDocumentAuthorizer authorizer) : AuthorizationHandler<DocumentRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, DocumentRequirement requirement)
    {
        CancellationToken cancellationToken = CancellationToken.None;
        string? document = (context.Resource as DocumentResource)?.Name;
        if (context.Resource is HttpContext http)
        {
            cancellationToken = http.RequestAborted;

            // No document is concerned: a list, which leaves out what its reader may not see, or a name that the endpoint refuses.
            bool named = http.Request.RouteValues.TryGetValue("name", out object? name);
            if (named ? !DocumentName.TryParse(name as string, out document, out _) : http.Request.RouteValues.Count == 0)
            {
                context.Succeed(requirement);
                return;
            }
        }

        if (document is not null && await authorizer.GetRightsAsync(context.User, document, cancellationToken) >= requirement.Rights)
            context.Succeed(requirement);
    }
}

/// <summary>Lets administrators pass.</summary>
internal sealed class AdminRequirementHandler(IOptions<CoEditOptions> options) : AuthorizationHandler<AdminRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AdminRequirement requirement)
    {
        if (context.User.FindFirst(options.Value.Auth.Jwt.AdminClaim)?.Value is "true")
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
