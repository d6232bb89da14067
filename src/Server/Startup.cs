using CoEdit.Persistence;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace CoEdit.Server;

/// <summary>Runs the application; a start that must not happen ends with one sentence on the error stream and exit code 1.</summary>
internal static class Startup
{
    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> build)
    {
        try
        {
            await using WebApplication app = build(args);
            using var end = new ProgramEnd(app.Lifetime);
            CoEditOptions options = app.Services.GetRequiredService<IOptions<CoEditOptions>>().Value;
            app.Services.GetRequiredService<BindGuard>().CheckConfigured();
            app.Services.GetRequiredService<ConfigurationAdvice>().Give();
            IUpdateLog log = app.Services.GetRequiredService<IUpdateLog>(); // opens, locks and migrates the database
            await app.StartAsync();
            IServer server = app.Services.GetRequiredService<IServer>();
            app.Services.GetRequiredService<BindGuard>().CheckBound(server);
            PrintBanner(server, log.Status, options);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception) when (Refusal(exception) is { } sentence)
        {
            await Console.Error.WriteLineAsync($"CoEdit does not start: {sentence}");
            return 1;
        }
    }

    /// <summary>Makes a token with the configuration that the server would have, without starting it.</summary>
    public static int MakeToken(string[] arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = TokenCommand.ConfigurationArguments(arguments),
            ContentRootPath = AppContext.BaseDirectory,
        });
        return TokenCommand.Run(arguments, builder.Configuration, TimeProvider.System, Console.Out, Console.Error);
    }

    public static void UseHostGuard(this WebApplication app)
    {
        var guard = new HostGuard(app.Services.GetRequiredService<OriginPolicy>());
        app.Use(guard.InvokeAsync);
    }

    private static string? Refusal(Exception exception) => exception switch
    {
        StartRefusedException or StorageException => exception.Message,
        OptionsValidationException validation => string.Join(" ", validation.Failures),
        // The binder names key and value: "Failed to convert configuration value 'x' at 'CoEdit:…' to type …".
        InvalidOperationException when exception.Message.Contains("'CoEdit:", StringComparison.Ordinal) => exception.Message,
        IOException when exception.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException => exception.Message,
        FormatException when exception.Message.Contains("url", StringComparison.OrdinalIgnoreCase) => exception.Message,
        _ => null,
    };

    private static void PrintBanner(IServer server, StorageStatus storage, CoEditOptions options)
    {
        foreach (string address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            Console.WriteLine($"CoEdit    {address}");
        Console.WriteLine($"data      {storage.DataFile}");
        Console.WriteLine($"sqlite    {storage.SqliteVersion}, synchronous={options.Storage.Synchronous}, {options.Durability}");
        Console.WriteLine($"auth      {Describe(options.Auth)}");
    }

    private static string Describe(AuthSection auth) => auth switch
    {
        { Mode: AuthMode.Jwt, Jwt.Authority: { } authority } => $"JSON Web Tokens, {auth.Jwt.Keys.Count} configured keys and those of {authority}",
        { Mode: AuthMode.Jwt } => $"JSON Web Tokens, {auth.Jwt.Keys.Count} configured keys",
        { AllowAnonymousNetwork: true } => "none: everybody who reaches this address may read and write",
        _ => "none: this machine only",
    };
}
