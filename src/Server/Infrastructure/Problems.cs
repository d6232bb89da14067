namespace CoEdit.Server;

/// <summary>Errors as RFC 9457 problem details, for code that is not an endpoint handler.</summary>
internal static class Problems
{
    public static Task WriteAsync(HttpContext context, int status, string title, string detail) =>
        Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(context);
}
