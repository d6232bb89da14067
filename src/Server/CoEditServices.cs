using CoEdit.Persistence;
using CoEdit.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Extension methods for users live in CoEdit, not deeper (and never in Microsoft's namespaces).
namespace CoEdit;
#pragma warning restore IDE0130

/// <summary>Adds CoEdit to an ASP.NET Core application.</summary>
public static class CoEditServices
{
    /// <summary>
    /// Registers rooms, storage and endpoints. Options come from the configuration section <c>CoEdit</c>, then from
    /// <paramref name="configure"/>; they are validated when the application starts.
    /// </summary>
    public static IServiceCollection AddCoEdit(this IServiceCollection services, Action<CoEditOptions>? configure = null)
    {
        OptionsBuilder<CoEditOptions> options = services.AddOptions<CoEditOptions>().BindConfiguration(CoEditOptions.Section).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.AddSingleton<IValidateOptions<CoEditOptions>, CoEditOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<StorageOptions>().Configure<IOptions<CoEditOptions>, CoEditMetrics>(static (storage, coedit, metrics) =>
        {
            StorageSection section = coedit.Value.Storage;
            storage.ConnectionString = section.ConnectionString;
            storage.Synchronous = section.Synchronous;
            storage.Linger = section.Linger;
            storage.MaxQueueBytes = section.MaxQueueBytes;
            storage.Committed = metrics.AddCommit;
        });
        services.AddCoEditPersistence();

        services.AddCoEditAuth();
        services.AddMediatorHandlers();
        services.AddSingleton<CoEditMetrics>();
        services.AddSingleton<PrometheusPage>();
        services.AddSingleton<ServerHealth>();
        services.AddHealthChecks().AddCheck<ServerHealth>(ServerHealth.CheckName);
        services.AddSingleton<LifecyclePublisher>();
        services.AddSingleton<Folder>();
        services.AddSingleton<RoomContext>();
        services.AddSingleton<RoomRegistry>();
        services.AddSingleton<ConnectionTable>();
        services.AddSingleton<ConnectionLimits>();
        services.AddSingleton<AssemblyBudget>();
        services.AddSingleton<OriginPolicy>();
        services.AddSingleton<BindGuard>();
        services.AddSingleton<ConfigurationAdvice>();
        services.AddSingleton<SocketAcceptor>();
        services.AddSingleton<SyncEndpoint>();
        services.AddSingleton<HocuspocusServices>();
        services.AddSingleton<HocuspocusEndpoint>();
        services.TryAddSingleton<IStatelessHandler, NoStatelessHandler>();
        services.AddSingleton<IStatelessSender, StatelessSender>();

        // Services stop in reverse order: what is measured while they stop is still exported. Rooms end first (RoomShutdown.StoppingAsync), then ticking, folding, telling.
        services.AddHostedService<OtlpExport>();
        services.AddHostedService<ServerGauges>();
        services.AddHostedService(provider => provider.GetRequiredService<LifecyclePublisher>());
        services.AddHostedService(provider => provider.GetRequiredService<Folder>());
        services.AddHostedService<RoomTicker>();
        services.AddSingleton<RightsChecker>();
        services.AddHostedService(static provider => provider.GetRequiredService<RightsChecker>());
        services.AddHostedService<RoomShutdown>();

        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default));
        services.AddSingleton<IStartupFilter, RawPathFilter>();
        return services;
    }

    // Before routing, in any host: names must reach the endpoints as they were sent.
    private sealed class RawPathFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(RawTarget.RouteOnRawPath);
            next(app);
        };
    }
}
