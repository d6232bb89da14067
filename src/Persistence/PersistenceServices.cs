using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoEdit.Persistence;

/// <summary>Registers the storage in a service container.</summary>
public static class PersistenceServices
{
    /// <summary>
    /// Adds <see cref="IUpdateLog"/> (a singleton that opens the file when it is first asked for, and closes it with the container) and
    /// <see cref="CoEditDbContext"/> with its factory, both read-only.
    /// </summary>
    /// <param name="services">Where to register. Logging must be registered too.</param>
    /// <param name="configure">
    /// Changes the options; leave it out when <see cref="StorageOptions"/> are bound from the section <c>CoEdit:Storage</c> elsewhere.
    /// </param>
    public static IServiceCollection AddCoEditPersistence(this IServiceCollection services, Action<StorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<StorageOptions>();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidation>());
        services.TryAddSingleton(provider => SqliteUpdateLog.Open(
            provider.GetRequiredService<IOptions<StorageOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<IUpdateLog>(provider => provider.GetRequiredService<SqliteUpdateLog>());
        services.TryAddSingleton<IDbContextFactory<CoEditDbContext>>(
            provider => new ReadOnlyContextFactory(provider.GetRequiredService<SqliteUpdateLog>().ReaderConnectionString));
        services.TryAddScoped(provider => provider.GetRequiredService<IDbContextFactory<CoEditDbContext>>().CreateDbContext());
        return services;
    }

    private sealed class StorageOptionsValidation : IValidateOptions<StorageOptions>
    {
        public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
            options.Validate() is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }

    // The log was opened, and with it the schema migrated, before the first context exists.
    private sealed class ReadOnlyContextFactory(string connectionString) : IDbContextFactory<CoEditDbContext>
    {
        private readonly DbContextOptions<CoEditDbContext> _options = new DbContextOptionsBuilder<CoEditDbContext>()
            .UseSqlite(connectionString)
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .Options;

        public CoEditDbContext CreateDbContext() => new(_options);
    }
}
