using Starling.Apps.Cache;
using Starling.Apps.Cache.Fetching;

namespace Starling.Apps.Tests.Cache;

public sealed class SourceUrlTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/a")]
    [InlineData("http://")]
    [InlineData("http://-\u00fc.example/")]
    [InlineData("https://user:secret@example.org/")]
    public void What_is_no_address_of_a_source_is_refused(string text) =>
        Assert.Equal(CacheError.BadUrl, Assert.Throws<CacheException>(() => SourceUrl.Parse(text)).Error);

    [Theory]
    [InlineData("http://example.org/a?b", "HTTP://EXAMPLE.org:80/a?b#part")]
    [InlineData("http://xn--bcher-kva.example/", "http://BÜcher.example")]
    [InlineData("http://example.org/%C3%BC", "http://example.org/ü")]
    [InlineData("http://[::1]/", "http://[0::1]:80/")]
    public void Two_ways_to_write_an_address_become_one(string usual, string other)
    {
        Assert.Equal(usual, SourceUrl.Parse(other).AbsoluteUri);
        Assert.Equal(usual, SourceUrl.Parse(usual).AbsoluteUri);
    }

    [Fact]
    public void The_length_of_an_address_is_that_which_is_sent()
    {
        var refusal = Assert.Throws<CacheException>(() => SourceUrl.Parse("http://a/" + new string('ü', 2000)));
        Assert.Equal(CacheError.BadUrl, refusal.Error);
        Assert.Contains("counted as it is sent", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("this one has 12009", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_does_not_repeat_a_password() =>
        Assert.DoesNotContain("secret", Assert.Throws<CacheException>(() => SourceUrl.Parse("https://user:secret@example.org/")).Message, StringComparison.Ordinal);
}
