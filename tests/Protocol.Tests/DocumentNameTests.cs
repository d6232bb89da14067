using System.Text;

namespace CoEdit.Protocol.Tests;

public class DocumentNameTests
{
    [Theory]
    [InlineData("my-doc", "my-doc")]
    [InlineData("a/b/c", "a/b/c")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%2fb", "a/b")]
    [InlineData("a//b", "a//b")]
    [InlineData("a%20b", "a b")]
    [InlineData("a+b", "a+b")]
    [InlineData("a%2Bb", "a+b")]
    [InlineData("%D0%BA%D0%BB%D1%8E%D1%87", "ключ")]
    [InlineData("%F0%9F%98%80", "😀")]
    [InlineData("e%CC%81", "e\u0301")] // not normalised
    [InlineData("%C3%A9", "\u00e9")]
    [InlineData("100%25", "100%")]
    [InlineData("%252F", "%2F")] // decoded once
    [InlineData("%252e%252e", "%2e%2e")]
    [InlineData("%3Fx%23y", "?x#y")]
    [InlineData("...", "...")]
    [InlineData("a/.b/..c", "a/.b/..c")]
    [InlineData("%5C..%5C", "\\..\\")]
    [InlineData("CON", "CON")]
    [InlineData("%E2%80%AE", "\u202e")]
    public void An_acceptable_name_is_decoded_exactly_once(string raw, string expected)
    {
        Assert.True(DocumentName.TryParse(raw, out string name, out string error), error);
        Assert.Equal(expected, name);
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("/", "slash")]
    [InlineData("/a", "slash")]
    [InlineData("a/", "slash")]
    [InlineData("%2Fa", "slash")]
    [InlineData("a%2F", "slash")]
    [InlineData(".", "segment")]
    [InlineData("..", "segment")]
    [InlineData("%2e%2E", "segment")]
    [InlineData("a/../b", "segment")]
    [InlineData("a%2F..%2Fb", "segment")]
    [InlineData("./a", "segment")]
    [InlineData("a/.", "segment")]
    [InlineData("a%00b", "control")]
    [InlineData("a%0Ab", "control")]
    [InlineData("%1f", "control")]
    [InlineData("%7F", "control")]
    [InlineData("%C2%80", "control")]
    [InlineData("%C2%9F", "control")]
    [InlineData("a\tb", "control")]
    [InlineData("%", "escape")]
    [InlineData("a%2", "escape")]
    [InlineData("a%G0", "escape")]
    [InlineData("a%0xb", "escape")]
    [InlineData("%u0041", "escape")]
    [InlineData("%FF", "UTF-8")]
    [InlineData("%C3", "UTF-8")]
    [InlineData("%C0%AF", "UTF-8")] // overlong slash
    [InlineData("%ED%A0%80", "UTF-8")] // encoded surrogate
    [InlineData("%F4%90%80%80", "UTF-8")] // above U+10FFFF
    [InlineData("ключ", "ASCII")]
    [InlineData("caf\u00e9", "ASCII")]
    public void A_bad_name_is_refused_with_a_sentence(string raw, string about)
    {
        Assert.False(DocumentName.TryParse(raw, out string name, out string error));
        Assert.Equal("", name);
        Assert.Contains(about, error, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(error) <= 123, "does not fit into a close frame");
    }

    [Fact]
    public void The_limit_of_256_counts_bytes_after_decoding()
    {
        Assert.True(DocumentName.TryParse(new string('a', 256), out _, out _));
        Assert.False(DocumentName.TryParse(new string('a', 257), out _, out string error));
        Assert.Contains("256", error, StringComparison.Ordinal);
        Assert.True(DocumentName.TryParse(string.Concat(Enumerable.Repeat("%D0%BA", 128)), out string name, out _));
        Assert.Equal(new string('к', 128), name);
        Assert.False(DocumentName.TryParse(string.Concat(Enumerable.Repeat("%D0%BA", 129)), out _, out _));
        Assert.False(DocumentName.TryParse(new string('a', 10_000_000), out _, out _));
    }

    [Fact]
    public void A_decoded_name_obeys_the_same_rules()
    {
        Assert.True(DocumentName.TryValidate("Notes/ключ 😀", out string error));
        Assert.Equal("", error);
        Assert.True(DocumentName.TryValidate(new string('к', 128), out _));
        Assert.True(DocumentName.TryValidate("%", out _));
        string[] refused = ["", ".", "a/..", "/a", "a/", "a\0", "\u0085", "\ud83d", "\ude00\ud83d", new string('к', 129), new('a', 257)];
        foreach (string bad in refused)
        {
            Assert.False(DocumentName.TryValidate(bad, out error), bad);
            Assert.NotEqual("", error);
        }

        Assert.Throws<ArgumentNullException>(() => DocumentName.TryValidate(null!, out _));
    }

    [Fact]
    public void Every_valid_name_survives_the_encoding_that_browsers_use()
    {
        var random = new Random(11);
        for (int i = 0; i < 2_000; i++)
        {
            string name = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => RandomRune(random).ToString()));
            bool valid = DocumentName.TryValidate(name, out string why);

            Assert.Equal(valid, DocumentName.TryParse(Uri.EscapeDataString(name), out string parsed, out string error));
            Assert.Equal(why, error);
            Assert.Equal(valid ? name : "", parsed);
        }
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            int value = random.Next(4) switch
            {
                0 => random.Next(0x110000),
                1 => "/.%+ \u007f"[random.Next(6)],
                _ => random.Next(0x20, 0x180),
            };
            if (Rune.TryCreate(value, out Rune rune))
                return rune;
        }
    }
}
