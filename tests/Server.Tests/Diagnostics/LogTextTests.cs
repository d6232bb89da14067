using CoEdit.Protocol;
using Microsoft.Extensions.Logging;

namespace CoEdit.Server.Tests;

/// <summary>Rule OPS1: texts from outside in the log.</summary>
public sealed class LogTextTests
{
    [Theory]
    [InlineData(null, "null")]
    [InlineData("", "\"\"")]
    [InlineData("заметки 日本 🎉", "\"заметки 日本 🎉\"")]
    [InlineData("a\nb\rc\td", "\"a\\nb\\rc\\td\"")]
    [InlineData("say \"hi\" \\ bye", "\"say \\\"hi\\\" \\\\ bye\"")]
    [InlineData("\u001b[31mred", "\"\\u001b[31mred\"")]
    [InlineData("a\u2028b\u2029c\u0085d", "\"a\\u2028b\\u2029c\\u0085d\"")]
    [InlineData("\u202etxt.exe", "\"\\u202etxt.exe\"")]
    public void A_text_from_outside_stands_quoted_on_one_line(string? text, string expected) => Assert.Equal(expected, new LogText(text).ToString());

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("\"half \ufffd\"", new LogText("half \ud83c").ToString());

    [Fact]
    public void A_long_text_is_cut_after_256_characters()
    {
        Assert.Equal('"' + new string('x', 256) + '"', new LogText(new string('x', 256)).ToString());
        Assert.Equal('"' + new string('x', 256) + "...\"", new LogText(new string('x', 257)).ToString());
    }

    [Fact]
    public async Task A_room_whose_name_tries_to_forge_a_log_line_writes_one_line_without_content()
    {
        using var log = new CollectedLog();
        using ILoggerFactory factory = LoggerFactory.Create(builder => builder.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        await using var harness = new RoomHarness(logger: factory.CreateLogger<Room>());
        TestPeer ada = await harness.JoinAsync("plan\u2028info: all is well\n");

        await ada.SendUpdateAsync(Updates.Text(1, 0, "top secret"));
        await ada.SendUpdateAsync(Updates.Text(1, 0, "not secret"));
        await ada.ReceiveAsync();

        Assert.Equal(CloseCode.Conflict, ada.Closed?.Code);
        Assert.Contains(log.Lines, line => line.Contains("\"plan\\u2028info: all is well\\n\"", StringComparison.Ordinal));
        Assert.All(log.Lines, line => Assert.False(line.AsSpan().ContainsAny('\n', '\u2028')));
        Assert.All(log.Lines, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    }
}
