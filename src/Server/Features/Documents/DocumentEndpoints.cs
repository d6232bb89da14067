using CoEdit.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary>The group <c>/api/v1/documents</c>: one <c>Map</c> per slice.</summary>
internal static class DocumentEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder documents = api.MapGroup("/documents").WithTags("Documents");
        documents.AddEndpointFilter(DescribeFailures);
        documents.RequireDocumentRights();
        documents.ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
        ListDocuments.Map(documents);
        GetDocument.Map(documents);
        GetDocumentState.Map(documents);
        DeleteDocument.Map(documents);
        SendStateless.Map(documents);
        RecheckDocument.Map(documents);
    }

    public static ProblemHttpResult BadName(string reason) =>
        TypedResults.Problem(reason, statusCode: StatusCodes.Status400BadRequest, title: "Bad document name");

    public static ProblemHttpResult NoSuchDocument(string name) =>
        TypedResults.Problem($"There is no document named \"{name}\".", statusCode: StatusCodes.Status404NotFound, title: "No such document");

    // What a document or the database cannot do now is 503 with the reason, for every slice alike.
    private static async ValueTask<object?> DescribeFailures(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RoomUnavailableException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Document not available");
        }
        catch (StorageException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Storage not available");
        }
    }
}
