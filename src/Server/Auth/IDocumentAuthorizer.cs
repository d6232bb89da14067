using System.Security.Claims;

namespace CoEdit.Server;

/// <summary>Decides what somebody may do with a document. Register another one to replace the built-in reading of claims.</summary>
/// <remarks>
/// Asked when a peer joins, for every HTTP request, and for every open peer again each 30 seconds and on
/// <c>POST /api/v1/documents/{name}/recheck</c>. It is resolved from a scope of its own each time, so a scoped registration may use a database.
/// The policies of <see cref="CoEditPolicies"/> rest on it and may be replaced as well.
/// </remarks>
public interface IDocumentAuthorizer
{
    /// <summary>The rights of <paramref name="principal"/> in the document named <paramref name="document"/>, which need not exist yet.</summary>
    /// <remarks>An exception turns a newcomer away with a code that lets it come back (1013, 503) and leaves peers that are in as they are.</remarks>
    ValueTask<DocumentRights> GetRightsAsync(ClaimsPrincipal principal, string document, CancellationToken cancellationToken);
}
