using CoEdit;
using CoEdit.Server;

if (args is ["token", .. string[] tokenArguments])
    return Startup.MakeToken(tokenArguments);

return await Startup.RunAsync(args, args =>
{
    // Page and settings lie beside the program, data paths start at the working directory: it runs from any folder.
    WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        ContentRootPath = AppContext.BaseDirectory,
        WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
    });
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = 32 * 1024; // long names get an answer of ours, not the server's
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
    });
    builder.Services.AddCoEdit();
    ProgramEnd.LimitShutdown(builder.Services);
    builder.Services.AddOpenApi("v1");

    WebApplication app = builder.Build();
    app.UseExceptionHandler();
    app.UseStatusCodePages();
    app.Use(SecurityHeaders.Add);
    app.UseHostGuard();
    EditorPage.Use(app);
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapCoEdit("/ws/{**document}");
    app.MapCoEditHocuspocus("/hocuspocus");
    app.MapCoEditApi();
    app.MapCoEditMetrics();
    app.MapCoEditHealth();
    app.MapOpenApi("/openapi/{documentName}.json");
    return app;
});
