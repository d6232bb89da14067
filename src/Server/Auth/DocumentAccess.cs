using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace CoEdit.Server;

/// <summary>Asks the policies what somebody may do with a document: the one way for sockets and for lists.</summary>
internal sealed class DocumentAccess(IServiceScopeFactory scopes)
{
    /// <summary>The greatest rights that the policies grant. Any thread.</summary>
    public async ValueTask<DocumentRights> GetRightsAsync(ClaimsPrincipal principal, string document, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        IAuthorizationService authorization = scope.ServiceProvider.GetRequiredService<IAuthorizationService>();
        var resource = new DocumentResource(document);
        if (!(await authorization.AuthorizeAsync(principal, resource, CoEditPolicies.DocumentRead)).Succeeded)
            return DocumentRights.None;
        return (await authorization.AuthorizeAsync(principal, resource, CoEditPolicies.DocumentWrite)).Succeeded
            ? DocumentRights.Write
            : DocumentRights.Read;
    }
}
