using System.Net;

namespace CoEdit.Server.Tests;

public sealed class ConnectionLimitsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");

    [Fact]
    public void There_are_as_many_places_as_configured_and_each_is_given_back_once()
    {
        ConnectionLimits limits = Limits(section => section.MaxConnections = 2);
        ConnectionPlace first = limits.TryEnter(Here, null, out _)!;
        Assert.NotNull(limits.TryEnter(Here, null, out _));
        Assert.Null(limits.TryEnter(Here, null, out string? refusal));
        Assert.Equal("The server has as many connections as it may have.", refusal);

        first.Dispose();
        first.Dispose();

        Assert.NotNull(limits.TryEnter(Here, null, out _));
        Assert.Null(limits.TryEnter(Here, null, out _));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Addresses_of_one_network_share_their_places(string one, string other, bool shared)
    {
        ConnectionLimits limits = Limits(section => section.MaxConnectionsPerAddress = 1);
        ConnectionPlace? first = limits.TryEnter(IPAddress.Parse(one), null, out _);
        Assert.NotNull(first);

        Assert.Equal(shared, limits.TryEnter(IPAddress.Parse(other), null, out _) is null);

        first.Dispose();
        Assert.NotNull(limits.TryEnter(IPAddress.Parse(one), null, out _));
    }

    [Fact]
    public void A_user_is_counted_whether_known_at_once_or_later_and_once_per_socket()
    {
        ConnectionLimits limits = Limits(section => section.MaxConnectionsPerUser = 2);
        ConnectionPlace known = limits.TryEnter(Here, "ada", out _)!;
        ConnectionPlace shared = limits.TryEnter(Here, null, out _)!;
        Assert.True(shared.TryAddUser("ada"));
        Assert.True(shared.TryAddUser("ada"));
        Assert.True(shared.TryAddUser("bob"));
        Assert.True(shared.TryAddUser(null));

        Assert.Null(limits.TryEnter(Here, "ada", out string? refusal));
        Assert.Equal("You have 2 connections, which is your limit.", refusal);
        ConnectionPlace late = limits.TryEnter(Here, null, out _)!;
        Assert.False(late.TryAddUser("ada"));

        shared.Dispose();
        Assert.True(late.TryAddUser("ada"));
        known.Dispose();
        Assert.NotNull(limits.TryEnter(Here, "ada", out _));
    }

    [Fact]
    public void The_limit_of_open_files_is_read_from_the_row_that_the_kernel_writes()
    {
        string[] lines =
        [
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max processes             95922                95922                processes ",
            "Max open files            1024                 524288               files     ",
        ];

        Assert.Equal(1_024, OpenFileLimit.Parse(lines));
        Assert.Null(OpenFileLimit.Parse(["Max open files            unlimited            unlimited            files     "]));
        Assert.Null(OpenFileLimit.Parse([]));
        if (OpenFileLimit.Read() is { } files)
            Assert.InRange(Limits(_ => { }).Max, 1, files);
    }

    private static ConnectionLimits Limits(Action<LimitsSection> configure)
    {
        var options = new CoEditOptions();
        configure(options.Limits);
        return new ConnectionLimits(Microsoft.Extensions.Options.Options.Create(options));
    }
}
