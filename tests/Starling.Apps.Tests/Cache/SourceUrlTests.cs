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
    [InlineData("https://user:secret@example.org/")]
    public void What_is_no_address_of_a_source_is_refused(string text) =>
        Assert.Equal(CacheError.BadUrl, Assert.Throws<CacheException>(() => SourceUrl.Parse(text)).Error);

    [Fact]
    public void Two_ways_to_write_an_address_become_one() => Assert.Equal(
        SourceUrl.Parse("http://example.org/a?b").AbsoluteUri, SourceUrl.Parse("HTTP://EXAMPLE.org:80/a?b#part").AbsoluteUri);

    [Fact]
    public void The_error_does_not_repeat_a_password() =>
        Assert.DoesNotContain("secret", Assert.Throws<CacheException>(() => SourceUrl.Parse("https://user:secret@example.org/")).Message, StringComparison.Ordinal);
}
