using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CoEdit.Persistence.Tests;

public sealed class PersistenceServicesTests : StorageTest
{
    [Fact]
    public async Task The_container_opens_the_log_once_and_closes_it()
    {
        var provider = Services().BuildServiceProvider();
        var log = provider.GetRequiredService<IUpdateLog>();
        Assert.Same(log, provider.GetRequiredService<IUpdateLog>());
        await AppendEach(log, await Load(log, "notes"), "a");
        await provider.DisposeAsync();

        Assert.False(log.IsAccepting);
    }

    [Fact]
    public async Task Contexts_query_and_cannot_write()
    {
        await using var provider = Services().BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<CoEditDbContext>();
        var log = provider.GetRequiredService<IUpdateLog>();
        await AppendEach(log, await Load(log, "notes"), "a");

        Assert.Equal("notes", (await database.Documents.SingleAsync(Ct)).Name);
        database.Documents.Add(new DocumentRow { Id = 7, Name = "smuggled" });
        var error = await Assert.ThrowsAsync<DbUpdateException>(() => database.SaveChangesAsync(Ct));
        Assert.Equal(8, Assert.IsType<SqliteException>(error.InnerException).SqliteErrorCode);
    }

    [Fact]
    public async Task Options_that_cannot_be_used_are_refused_by_their_keys()
    {
        await using var provider = Services().Configure<StorageOptions>(o => o.Readers = 0).BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IUpdateLog>);
        Assert.Contains("CoEdit:Storage:Readers", error.Message, StringComparison.Ordinal);
    }

    private ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddCoEditPersistence(o => o.ConnectionString = $"Data Source={DatabasePath}");
        return services;
    }
}
