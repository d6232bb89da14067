namespace CoEdit.Server;

/// <summary>The editor page at <c>/</c>, or, when it was not built, a page that says what is missing.</summary>
internal static class EditorPage
{
    private const string Missing = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>CoEdit</title></head>
        <body>
        <h1>CoEdit is running, but its page was not built</h1>
        <p>The page needs Node.js 20 or newer with npm, which was not found when the server was built.
        Install it, then run <code>dotnet run --project src/Server</code> again.</p>
        <p>Everything else works: editors connect to <code>/ws/{document}</code>, the HTTP API is described at
        <a href="/openapi/v1.json">/openapi/v1.json</a>.</p>
        </body>
        </html>
        """;

    /// <summary>Adds the static files of the web root; hashed assets may be cached for ever, the page itself is always asked for.</summary>
    public static void Use(WebApplication app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl =
                file.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
        });
        bool built = app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists;
        if (!built)
            app.MapGet("/", () => TypedResults.Content(Missing, "text/html; charset=utf-8")).ExcludeFromDescription();
    }
}
